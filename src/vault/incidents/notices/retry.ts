import type { Random } from '../../../core/id.ts'
import { DAY_MS, HOUR_MS, SECOND_MS, after } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'

const FIRST_WAIT_MS = 30 * SECOND_MS
const LONGEST_WAIT_MS = 4 * HOUR_MS

/** RFC 5321 §4.5.4.1: the give-up time generally needs to be at least 4-5 days. */
export const GIVE_UP_AFTER_MS = 5 * DAY_MS

const FIRST_PAUSE_MS = SECOND_MS
const LONGEST_PAUSE_MS = 300 * SECOND_MS

/** Half of it for sure, the other half by chance: those who failed together do not come back together. */
function jittered(ms: number, random: Random): number {
  const [byte = 0, other = 0] = random(2)
  return ms / 2 + (ms / 2) * ((byte * 256 + other) / 65_536)
}

function doubled(first: number, times: number, most: number): number {
  return Math.min(first * 2 ** Math.min(times, 30), most)
}

/** When a recipient is tried again after its `attempts`th attempt. What the other side asks for is waited for, at most that long. */
export function nextAttempt(attempts: number, now: Instant, random: Random, askedMs = 0): Instant {
  const wait = jittered(doubled(FIRST_WAIT_MS, attempts - 1, LONGEST_WAIT_MS), random)
  return after(now, Math.ceil(Math.max(wait, Math.min(askedMs, LONGEST_WAIT_MS))))
}

/** Until when nobody is tried over a channel that failed as a whole `failures` times before this. */
export function pauseUntil(failures: number, now: Instant, random: Random, askedMs = 0): Instant {
  const wait = jittered(doubled(FIRST_PAUSE_MS, failures, LONGEST_PAUSE_MS), random)
  return after(now, Math.ceil(Math.max(wait, Math.min(askedMs, LONGEST_PAUSE_MS))))
}
