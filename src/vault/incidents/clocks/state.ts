import { DAY_MS } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import type { Qualifier } from '../law/rule.ts'
import type { Holds } from './holds.ts'

/** `pending`: what starts the clock has not happened. `met` and `waived` may have been late: see `lateByMs`. */
export type ClockState = 'not_applicable' | 'pending' | 'running' | 'due_soon' | 'late' | 'met' | 'waived'

/** Where the law has no number but these words, the clock is pressing from its start. */
const AT_ONCE: readonly Qualifier[] = ['immediately', 'no_delay']

/** Due soon is the last quarter of the time, and never more than the last seven days. */
const SOON_PART = 4
const SOON_MS = 7 * DAY_MS

export type Standing = {
  applies: Holds
  inForce: Holds
  startsAt: Instant | undefined
  dueAt: Instant | undefined
  qualifier: Qualifier
  metAt: Instant | undefined
  waivedAt: Instant | undefined
}

export function stateOf(standing: Standing, now: Instant): ClockState {
  const { applies, inForce, startsAt, dueAt, qualifier } = standing
  if (standing.metAt !== undefined) return 'met'
  if (applies === 'no' || inForce === 'no') return 'not_applicable'
  if (standing.waivedAt !== undefined) return 'waived'
  if (startsAt === undefined) return 'pending'
  if (dueAt === undefined) return AT_ONCE.includes(qualifier) ? 'due_soon' : 'running'
  if (now > dueAt) return 'late'
  return dueAt - now <= Math.min(SOON_MS, (dueAt - startsAt) / SOON_PART) ? 'due_soon' : 'running'
}

/** By how much the notice, or the decision to leave it out, or the present, is past the end. 0 when in time. */
export function lateByMs(state: ClockState, { dueAt, metAt, waivedAt }: Standing, now: Instant): number {
  if (dueAt === undefined || state === 'not_applicable') return 0
  return Math.max(0, (metAt ?? waivedAt ?? now) - dueAt)
}
