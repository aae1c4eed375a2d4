/** Milliseconds since the Unix epoch, UTC. */
export type Instant = number & { readonly __brand: 'Instant' }

export const SECOND_MS = 1_000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

/** The only source of time below `runtime/`. Never goes back within one process. */
export type Clock = { now(): Instant }

export function instant(ms: number): Instant {
  return ms as Instant
}

export function after(from: Instant, ms: number): Instant {
  return (from + ms) as Instant
}

/** The instant that was written last: a batch's events all happen at one. */
let written = { at: Number.NaN, text: '' }

/** RFC 3339, UTC, milliseconds: `2026-11-23T17:44:00.000Z`. @throws RangeError outside of what `Date` can hold. */
export function toRfc3339(at: Instant): string {
  if (at !== written.at) written = { at, text: new Date(at).toISOString() }
  return written.text
}

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/

/** @returns undefined for anything but an RFC 3339 date-time with an offset. */
export function parseRfc3339(text: string): Instant | undefined {
  if (!RFC3339.test(text)) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : instant(ms)
}

/** The last few days that were named: every charge names the same two. */
const dayNames = new Map<number, string>()
const MAX_DAY_NAMES = 100

/** `2026-11-23`, the UTC day. */
export function utcDay(at: Instant): string {
  const day = Math.floor(at / DAY_MS)
  const known = dayNames.get(day)
  if (known !== undefined) return known
  if (dayNames.size >= MAX_DAY_NAMES) dayNames.clear()
  const name = toRfc3339(at).slice(0, 10)
  dayNames.set(day, name)
  return name
}

/** When the UTC day of `at` ends. */
export function endOfUtcDay(at: Instant): Instant {
  return instant((Math.floor(at / DAY_MS) + 1) * DAY_MS)
}

/** ISO 8601 week of the UTC day, as `2026-W48`: weeks start on Monday, week 1 holds the year's first Thursday. */
export function isoWeek(at: Instant): string {
  const dayStart = Math.floor(at / DAY_MS) * DAY_MS
  const weekday = (new Date(dayStart).getUTCDay() + 6) % 7
  const thursday = new Date(dayStart + (3 - weekday) * DAY_MS)
  const yearStart = Date.UTC(thursday.getUTCFullYear(), 0, 1)
  const week = 1 + Math.floor((thursday.getTime() - yearStart) / (7 * DAY_MS))
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`
}
