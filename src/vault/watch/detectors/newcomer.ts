import { HOUR_MS } from '../../../core/time.ts'
import type { CredentialId } from '../../../core/id.ts'
import { NOTHING_FOUND } from '../detector.ts'
import type { Detector } from '../detector.ts'
import type { WatchedEvent } from '../event.ts'
import { EMPTY_SKETCH, addTo, countOf, hash } from '../sketch.ts'
import type { Sketch } from '../sketch.ts'
import { implicated } from './pace.ts'

/** One whom the credential has not known before, and whom it has looked at since. */
type Newcomer = { who: number; at: number; persons: Sketch; looks: number }

type State = {
  /** When the credential was first used. */
  since: number
  /** Operators and devices that were seen, the oldest first. */
  known: readonly number[]
  newcomers: readonly Newcomer[]
}

type Parameters = { persons: number; crew_persons: number; crew: number; window_h: number; age_h: number }

const MAX_KNOWN = 1_024
const MAX_NEWCOMERS = 32

/**
 * An operator or a device that a credential was never used by before, and that at once looks at many persons: what a stolen credential
 * looks like. Where many work with one credential and new ones come often, it takes more.
 */
export const newcomer: Detector<State, Parameters> = {
  name: 'newcomer',
  version: 1,
  types: ['reveal.allowed'],
  parameters: {
    persons: { default: 25, min: 5, max: 10_000 },
    crew_persons: { default: 40, min: 5, max: 10_000 },
    crew: { default: 12, min: 2, max: 1_000 },
    window_h: { default: 1, min: 1, max: 24 },
    age_h: { default: 48, min: 1, max: 1_000 },
  },
  keys({ credential }) {
    return credential ? [credential] : []
  },
  look(state, event, parameters) {
    const names = namesOf(event)
    const at = event.at
    const now = state ?? { since: at, known: [], newcomers: [] }
    if (at - now.since < parameters.age_h * HOUR_MS) {
      const added = names.filter((name) => !now.known.includes(name))
      if (added.length === 0 && state) return { state, ...NOTHING_FOUND }
      return { state: { ...now, known: lastOf([...now.known, ...added]) }, ...NOTHING_FOUND }
    }
    const unknown = names.filter((name) => !now.known.includes(name))
    if (unknown.length === 0) return { state: now, ...NOTHING_FOUND }
    return lookAt(now, event, unknown, parameters)
  },
}

function lookAt(now: State, event: WatchedEvent, unknown: readonly number[], parameters: Parameters) {
  const windowMs = parameters.window_h * HOUR_MS
  // Whoever has been there for the window without doing much is no newcomer any more.
  const settled = now.newcomers.filter(({ at }) => event.at - at >= windowMs)
  const known = settled.length === 0 ? now.known : lastOf([...now.known, ...settled.map(({ who }) => who)])
  const staying = now.newcomers.filter(({ at }) => event.at - at < windowMs)
  const counted = unknown
    .filter((name) => !known.includes(name))
    .map((who) => {
      const before = staying.find((one) => one.who === who) ?? fresh(who, event.at)
      const persons = event.person === null ? before.persons : addTo(before.persons, event.person)
      return { ...before, persons, looks: before.looks + 1 }
    })
  const others = staying.filter(({ who }) => !counted.some((one) => one.who === who))
  const state = { ...now, known, newcomers: [...others, ...counted].slice(-MAX_NEWCOMERS) }
  const count = Math.max(0, ...counted.map(({ persons }) => countOf(persons)))
  const isCrew = known.length >= parameters.crew
  // What comes after an outage comes from those who are known: no limit is moved for it.
  const limit = isCrew ? parameters.crew_persons : parameters.persons
  if (count < limit) return { state, ...NOTHING_FOUND }
  const looks = Math.max(...counted.map((one) => one.looks))
  return {
    state,
    found: {
      code: 'newcomer',
      figures: { persons: count, looks, hours: parameters.window_h, known: known.length },
      severity: 'critical' as const,
      about: event.credential as CredentialId,
      implicated: implicated(event),
      score: count / limit,
    },
  }
}

function fresh(who: number, at: number): Newcomer {
  return { who, at, persons: EMPTY_SKETCH, looks: 0 }
}

/** An operator and a device, told apart by what their ids begin with. */
function namesOf({ operator, device }: WatchedEvent): readonly number[] {
  if (!operator) return []
  return device ? [hash(operator), hash(device)] : [hash(operator)]
}

function lastOf(known: readonly number[]): readonly number[] {
  return known.slice(-MAX_KNOWN)
}
