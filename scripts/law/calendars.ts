import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import Holidays from 'date-holidays'
import { DAY_MS } from '../../src/core/time.ts'
import type { Calendar } from '../../src/vault/incidents/clocks/calendar.ts'
import type { Jurisdiction } from '../../src/vault/incidents/law/rule.ts'

/** From before the first incident that could be recorded to as far as movable feasts are worth computing. */
const FIRST_YEAR = 2024
const LAST_YEAR = 2035

/** Days on which the authority is shut without a holiday's name: Japan's administrative organs (行政機関の休日). */
const SHUT: Record<string, readonly string[]> = { JP: ['01-02', '01-03', '12-29', '12-30', '12-31'] }

/** `src/vault/incidents/clocks/holidays.ts`: calendars of those jurisdictions whose rules ask for one. */
export function calendarsFile(law: readonly Jurisdiction[]): string {
  const codes = law.filter(needsCalendar).map(({ code }) => code)
  const calendars = Object.fromEntries(codes.map((code) => [code, calendarFor(code)]))
  return `// Made by \`npm run law:generate\`. Days off: date-holidays (public holidays; its data CC BY 3.0, after Wikipedia), for
// mainland China chinese-days (the State Council's yearly schedule, as far as it is published).
import type { Calendar } from './calendar.ts'

/** By a jurisdiction's code. */
export const CALENDARS: Readonly<Record<string, Calendar>> = ${JSON.stringify(calendars)}
`
}

function needsCalendar({ rules }: Jurisdiction): boolean {
  return rules.some(({ limit, counting }) => {
    return limit.unit === 'business_day' || counting?.dayOff === 'next_business_day'
  })
}

function calendarFor(code: string): Calendar {
  return code === 'CN' ? stateCouncilSchedule() : publicHolidays(code)
}

/** Chosen over date-holidays for China: it knows which weekends are worked, and which days the schedule adds. */
function stateCouncilSchedule(): Calendar {
  const file = createRequire(import.meta.url).resolve('chinese-days/dist/chinese-days.json')
  type Schedule = { holidays: Record<string, string>; workdays: Record<string, string> }
  const schedule = JSON.parse(readFileSync(file, 'utf8')) as Schedule
  const days = (of: Record<string, string>): string[] =>
    Object.keys(of)
      .filter((day) => day >= `${FIRST_YEAR}`)
      .sort()
  const off = days(schedule.holidays)
  return { years: [FIRST_YEAR, Number(off.at(-1)?.slice(0, 4))], off, worked: days(schedule.workdays) }
}

function publicHolidays(code: string): Calendar {
  const [country = '', region = ''] = code.split('-')
  const known = region === '' ? new Holidays(country) : new Holidays(country, region)
  const years = Array.from({ length: LAST_YEAR - FIRST_YEAR + 1 }, (_, at) => FIRST_YEAR + at)
  const off = years.flatMap((year) => {
    const named = known.getHolidays(year).filter(({ type }) => type === 'public')
    if (named.length === 0) throw new Error(`date-holidays knows no public holidays of ${code} in ${year}`)
    return [...named.flatMap(daysOf), ...(SHUT[code] ?? []).map((day) => `${year}-${day}`)]
  })
  return { years: [FIRST_YEAR, LAST_YEAR], off: [...new Set(off)].sort(), worked: [] }
}

function daysOf({ date, start, end }: { date: string; start: Date; end: Date }): string[] {
  const first = Date.parse(`${date.slice(0, 10)}T00:00:00Z`)
  const length = Math.max(1, Math.round((end.getTime() - start.getTime()) / DAY_MS))
  return Array.from({ length }, (_, at) => new Date(first + at * DAY_MS).toISOString().slice(0, 10))
}
