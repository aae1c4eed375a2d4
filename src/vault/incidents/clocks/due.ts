import type { Temporal } from 'temporal-polyfill'
import { HOUR_MS, after, instant } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import type { Counting, Limit } from '../law/rule.ts'
import { isBusinessDay, isKnownYear } from './calendar.ts'
import type { Calendar } from './calendar.ts'
import { endOfDay, localDate } from './zone.ts'

/** `calendarKnown` is false where days were counted of which the holidays are not known. */
export type Due = { at: Instant; calendarKnown: boolean }

/** Where the clock is: its zone, and the days off of the country, if days off matter to the rule. */
export type Place = { zone: string; calendar: Calendar | undefined }

/** The last instant that is in time; undefined where the law has no number. Hours elapse; days and months end at midnight there. */
export function dueOf(
  limit: Limit,
  counting: Counting | null,
  start: Instant,
  place: Place,
): Due | undefined {
  if (limit.unit === 'none') return undefined
  if (limit.unit === 'h') return { at: after(start, limit.n * HOUR_MS), calendarKnown: true }
  if (counting === null) throw new Error(`a limit in ${limit.unit} says how it is counted`)
  const first = localDate(start, place.zone)
  const dayOne = counting.firstDay === 'included' ? first : first.add({ days: 1 })
  const last = lastDay(limit.unit, limit.n, dayOne, place)
  const end = counting.dayOff === 'stays' ? last : nextBusinessDay(last, calendarOf(place))
  const looked = limit.unit === 'business_day' || counting.dayOff === 'next_business_day'
  return {
    at: endOfDay(end, place.zone),
    calendarKnown: !looked || [dayOne, end].every((day) => isKnownYear(day, calendarOf(place))),
  }
}

/** The earlier of the clock's own end and the end of the day on which the other notice went out. */
export function notAfterDayOf(due: Due, noticeAt: Instant, zone: string): Due {
  return { ...due, at: instant(Math.min(due.at, endOfDay(localDate(noticeAt, zone), zone))) }
}

function lastDay(
  unit: 'calendar_day' | 'business_day' | 'month',
  n: number,
  dayOne: Temporal.PlainDate,
  place: Place,
): Temporal.PlainDate {
  if (unit === 'calendar_day') return dayOne.add({ days: n - 1 })
  // The day before day one is the one whose number the last month has to have; a shorter month ends with its last day.
  if (unit === 'month') return dayOne.subtract({ days: 1 }).add({ months: n })
  const calendar = calendarOf(place)
  let day = nextBusinessDay(dayOne, calendar)
  for (let counted = 1; counted < n; counted += 1) day = nextBusinessDay(day.add({ days: 1 }), calendar)
  return day
}

/** That day itself if it is one. */
function nextBusinessDay(date: Temporal.PlainDate, calendar: Calendar): Temporal.PlainDate {
  let day = date
  while (!isBusinessDay(day, calendar)) day = day.add({ days: 1 })
  return day
}

function calendarOf({ calendar, zone }: Place): Calendar {
  if (calendar === undefined) throw new Error(`no calendar of days off for ${zone}`)
  return calendar
}
