import { DAY_MS, after, instant } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { clocksOf, isOpen } from './clocks/clocks.ts'
import type { Clock } from './clocks/clocks.ts'
import type { ClockMark } from './incident.ts'
import { JURISDICTIONS } from './law/index.ts'
import type { Jurisdiction } from './law/rule.ts'
import { factsOf } from './stated-facts.ts'
import type { FactSource } from './stated-facts.ts'

/** A mark that has no event yet. */
export type NewMark = Omit<ClockMark, 'event'>

/** What an incident's clocks are reckoned from. */
export type Reckoned = FactSource & { clocks: readonly NewMark[] }

/** A scope grows as long as somebody looks, and law comes into force: so often an incident is gone through at least. */
const CHECK_AGAIN_MS = DAY_MS

/** Every clock of the law, in order of urgency. A mark of a rule that the law does not have any more moves none. */
export function clocksOfIncident(
  incident: Reckoned,
  now: Instant,
  law: readonly Jurisdiction[] = JURISDICTIONS,
): readonly Clock[] {
  const rules = new Set(incident.clocks.map(({ rule }) => rule))
  const standing = [...rules].flatMap((rule) => standingMark(incident.clocks, rule) ?? [])
  const notices = standing.filter(({ kind }) => kind === 'met')
  const waivers = standing.filter(({ kind }) => kind === 'waived')
  return clocksOf({ facts: factsOf(incident), notices, waivers }, now, law)
}

/** What people said last of a rule's clock, unless they have taken it back. */
export function standingMark<Mark extends NewMark>(marks: readonly Mark[], rule: string): Mark | undefined {
  const last = marks.findLast((mark) => mark.rule === rule && mark.kind !== 'late')
  return last?.kind === 'reopened' ? undefined : last
}

/** One that runs, and one that waits for the end of handling: else a closed incident's wrap-up would be nobody's. */
export function keepsOpen(clock: Clock): boolean {
  const { state, rule } = clock
  const waits = state === 'pending' && rule.trigger === 'handling_complete' && rule.binding === 'duty'
  return isOpen(clock) || waits
}

/** Clocks whose end has passed without a notice or a reason before it, of which that is not noted yet. */
export function newlyLate({ clocks: marks }: Reckoned, clocks: readonly Clock[]): readonly Clock[] {
  return clocks.filter(
    ({ rule, lateByMs, applies, inForce }) =>
      lateByMs > 0 &&
      applies !== 'no' &&
      inForce.holds !== 'no' &&
      !marks.some((mark) => mark.rule === rule.id && mark.kind === 'late'),
  )
}

/** The instant after the next end of any clock that whoever may yet come into scope could start; a day at most. */
export function nextCheck(incident: Reckoned, now: Instant, law?: readonly Jurisdiction[]): Instant {
  const whoever = { ...incident, counted: { ...incident.counted, persons: null } }
  const ends = clocksOfIncident(whoever, now, law).flatMap(({ dueAt, metAt, waiver }) =>
    dueAt === undefined || dueAt < now || metAt !== undefined || waiver !== undefined ? [] : [dueAt + 1],
  )
  return instant(Math.min(after(now, CHECK_AGAIN_MS), ...ends))
}
