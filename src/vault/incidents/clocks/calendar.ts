import type { Temporal } from 'temporal-polyfill'

/** The days off of one country, for the years that are known. */
export type Calendar = {
  /** First and last year of which the days off are known. */
  years: readonly [number, number]
  /** `YYYY-MM-DD`; Saturdays and Sundays are off anyway. */
  off: readonly string[]
  /** Saturdays and Sundays that are worked. */
  worked: readonly string[]
}

const SATURDAY = 6

/** Saturdays, Sundays and holidays are off. Outside of the calendar's years only Saturdays and Sundays are known to be. */
export function isBusinessDay(date: Temporal.PlainDate, calendar: Calendar): boolean {
  const day = date.toString()
  if (calendar.worked.includes(day)) return true
  return date.dayOfWeek < SATURDAY && !calendar.off.includes(day)
}

export function isKnownYear({ year }: Temporal.PlainDate, { years: [first, last] }: Calendar): boolean {
  return first <= year && year <= last
}
