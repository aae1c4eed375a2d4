import type { EventId } from '../../core/id.ts'
import { HOUR_MS } from '../../core/time.ts'
import { GROUPED_MS } from './raise.ts'
import type { Instant } from '../../core/time.ts'
import type { Made } from './runner.ts'

/** What one detector found about one, and has not been told yet. */
export type Group = {
  key: string
  /** The last one: it says most. */
  made: Made
  /** How often since it was last told. */
  times: number
  /** How often in all, and at how many it is told next. */
  total: number
  tellAt: number
  firstAt: Instant
  lastAt: number
  evidence: EventId[]
}

/** Signals of one detector within an hour before the rest is one signal. */
export const FLOOD = 20
const MAX_GROUPS = 10_000
const MAX_EVIDENCE = 20

/**
 * Findings made one: a limit that was crossed is found again at each event after it. A group is told at once and then each time that it
 * has doubled, so that a flood costs a write now and then. What many are found for at once is one group.
 */
export class Gathered {
  readonly #groups = new Map<string, Group>()
  readonly #due = new Set<Group>()
  readonly #opened = new Map<string, { hour: number; count: number }>()

  add(made: readonly Made[]): void {
    for (const one of made) this.#add(one)
  }

  due(): readonly Group[] {
    return [...this.#due]
  }

  told(groups: readonly Group[]): void {
    for (const group of groups) {
      this.#due.delete(group)
      Object.assign(group, { times: 0, evidence: [], tellAt: 2 * group.total })
    }
  }

  #add(made: Made): void {
    const { detector, finding, event } = made
    const own = `${detector}|${finding.about ?? event.person ?? ''}`
    const known = this.#live(own, event.at)
    const count = known ? 0 : this.#open(detector, event.at)
    const key = count > FLOOD ? `${detector}|` : own
    const said = count > FLOOD ? asFlood(made, count) : made
    const group = known ?? this.#live(key, event.at) ?? this.#begin(key, said)
    Object.assign(group, { made: said, lastAt: event.at, times: group.times + 1, total: group.total + 1 })
    if (group.evidence.length < MAX_EVIDENCE) group.evidence.push(event.id)
    if (group.total >= group.tellAt) this.#due.add(group)
  }

  #live(key: string, at: number): Group | undefined {
    const group = this.#groups.get(key)
    return group && at - group.lastAt < GROUPED_MS ? group : undefined
  }

  #begin(key: string, made: Made): Group {
    if (this.#groups.size >= MAX_GROUPS) this.#groups.clear()
    const group: Group = {
      key,
      made,
      times: 0,
      total: 0,
      tellAt: 1,
      firstAt: made.event.at,
      lastAt: made.event.at,
      evidence: [],
    }
    this.#groups.set(key, group)
    return group
  }

  /** How many of the detector's have begun within this hour. */
  #open(detector: string, at: number): number {
    const hour = Math.floor(at / HOUR_MS)
    const last = this.#opened.get(detector)
    const count = last?.hour === hour ? last.count + 1 : 1
    this.#opened.set(detector, { hour, count })
    return count
  }
}

/** Nobody in particular is to be held for what everybody is found for. */
function asFlood({ detector, event }: Made, signals: number): Made {
  const figures = { detector, signals }
  return {
    detector,
    event: { ...event, person: null },
    finding: {
      code: 'flood',
      figures,
      severity: 'high',
      about: null,
      implicated: {},
      score: signals / FLOOD,
    },
  }
}
