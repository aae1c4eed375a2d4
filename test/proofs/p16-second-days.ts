import chineseDays from 'chinese-days'
import Holidays from 'date-holidays'
import type { Rule } from '../../src/vault/incidents/law/rule.ts'

/** Days of the second calculator: civil days as text, stepped one by one, zones by Intl alone. Nothing of the engine is used. */

const DAY_MS = 86_400_000
const formats = new Map<string, Intl.DateTimeFormat>()

/** `2026-03-29`, the day there. */
export function civilDay(at: number, zone: string): string {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  formats.set(zone, format)
  return format.format(at)
}

export function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T12:00:00Z`) + DAY_MS).toISOString().slice(0, 10)
}

/** The last millisecond at which Intl still names this day or an earlier one: halved down from two days. */
export function lastMoment(day: string, zone: string): number {
  let inside = Date.parse(`${day}T12:00:00Z`) - DAY_MS
  let outside = inside + 3 * DAY_MS
  while (outside - inside > 1) {
    const middle = Math.floor((inside + outside) / 2)
    if (civilDay(middle, zone) <= day) inside = middle
    else outside = middle
  }
  return inside
}

/** The last day of a limit in days or months, stepped to. */
export function lastDayOf(rule: Rule, startDay: string): string {
  const { limit, counting, jurisdiction } = rule
  if (limit.unit === 'none' || limit.unit === 'h' || counting === null) throw new Error('not a limit in days')
  if (limit.unit === 'month') return monthsLater(startDay, limit.n)
  let day = startDay
  let counted = counting.firstDay === 'included' ? 1 : 0
  while (counted < limit.n) {
    day = dayAfter(day)
    if (limit.unit === 'calendar_day' || isWorked(day, jurisdiction)) counted += 1
  }
  while (counting.dayOff === 'next_business_day' && !isWorked(day, jurisdiction)) day = dayAfter(day)
  return day
}

/** Steps until the month is reached, and in it until the number is, or the month is over. */
function monthsLater(startDay: string, months: number): string {
  let day = startDay
  for (let passed = 0; passed < months;) {
    day = dayAfter(day)
    if (day.endsWith('-01')) passed += 1
  }
  while (day.slice(8) < startDay.slice(8) && !dayAfter(day).endsWith('-01')) day = dayAfter(day)
  return day
}

const holidays = new Map<string, ReadonlySet<string>>()

function isWorked(day: string, country: string): boolean {
  if (country === 'CN') return chineseDays.isWorkday(day)
  const weekday = new Date(`${day}T12:00:00Z`).getUTCDay()
  if (weekday === 0 || weekday === 6) return false
  if (country === 'JP' && (day.slice(5) >= '12-29' || day.slice(5) <= '01-03')) return false
  const key = `${country} ${day.slice(0, 4)}`
  const named =
    holidays.get(key) ??
    new Set(
      new Holidays(country)
        .getHolidays(Number(day.slice(0, 4)))
        .filter(({ type }) => type === 'public')
        .map(({ date }) => date.slice(0, 10)),
    )
  holidays.set(key, named)
  return !named.has(day)
}
