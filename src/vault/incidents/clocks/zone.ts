import { Temporal } from 'temporal-polyfill'
import { instant } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'

/** @throws RangeError if the platform does not know the IANA zone. */
export function localDate(at: Instant, zone: string): Temporal.PlainDate {
  return zoned(at, zone).toPlainDate()
}

/** The last millisecond of the day there: a deadline in days has passed after it. Days may have 23 or 25 hours. */
export function endOfDay(date: Temporal.PlainDate, zone: string): Instant {
  const next = date.add({ days: 1 }).toZonedDateTime({ timeZone: zone })
  return instant(next.epochMilliseconds - 1)
}

/** RFC 3339 with the offset that holds there at that instant: `2026-03-30T11:00:00.000+02:00`. */
export function localText(at: Instant, zone: string): string {
  return zoned(at, zone).toString({ timeZoneName: 'never', fractionalSecondDigits: 3 })
}

function zoned(at: Instant, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
}
