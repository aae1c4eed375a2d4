import { DAY_MS, HOUR_MS } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'

/** What somebody usually does in an hour, by the hour of the week. */
export type Baseline = {
  /** Mean of each stretch of three hours of the week; -1 where there was none yet. */
  means: readonly number[]
  /** Mean distance from those means. */
  spread: number
  /** The most in an hour, forgotten by 3 % a day. */
  peak: number
  /** The first and the last hour that was learned from. */
  since: number
  until: number
}

const STRETCH_HOURS = 3
const STRETCHES = (7 * 24) / STRETCH_HOURS
/** Some four weeks of one stretch. */
const RATE = 0.25
const FORGOTTEN_A_DAY = 0.97
const HOURS_A_DAY = DAY_MS / HOUR_MS

export function hourOf(at: Instant): number {
  return Math.floor(at / HOUR_MS)
}

export function dayOf(at: Instant): number {
  return Math.floor(at / DAY_MS)
}

/** The stretch of the week that an hour lies in. */
export function stretchOf(hour: number): number {
  return Math.floor((hour % (7 * HOURS_A_DAY)) / STRETCH_HOURS)
}

export function newBaseline(hour: number): Baseline {
  return { means: Array.from({ length: STRETCHES }, () => -1), spread: 0, peak: 0, since: hour, until: hour }
}

/** An hour in which `count` was seen. Hours in which there was nothing are not learned from. */
export function learned(base: Baseline, hour: number, count: number): Baseline {
  const stretch = stretchOf(hour)
  const mean = base.means[stretch] ?? -1
  const known = mean >= 0
  const distance = known ? Math.abs(count - mean) : 0
  const days = Math.max(0, hour - base.until) / HOURS_A_DAY
  return {
    means: base.means.with(stretch, round(known ? mean + RATE * (count - mean) : count)),
    spread: round(known ? base.spread + (RATE / 4) * (distance - base.spread) : base.spread),
    peak: round(Math.max(base.peak * FORGOTTEN_A_DAY ** days, count)),
    since: base.since,
    until: Math.max(base.until, hour),
  }
}

/** What is usual at most at this hour of the week. */
export function usualAt(base: Baseline, hour: number): number {
  const mean = base.means[stretchOf(hour)] ?? -1
  return Math.max(mean < 0 ? 0 : mean + 4 * base.spread, base.peak)
}

/** For how long there is something to compare with. */
export function ageHours(base: Baseline, hour: number): number {
  return hour - base.since
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
