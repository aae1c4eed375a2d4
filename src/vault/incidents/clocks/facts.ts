import { Temporal } from 'temporal-polyfill'
import type { FieldError } from '../../../core/errors.ts'
import { instant } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import type { Circumstance, DataClass, Harm, Role } from '../law/rule.ts'

/**
 * What is known of an incident so far. Absent is not known yet, never no: a clock that hangs on it is `unclear` and runs.
 * The caller has had it checked by `checkFacts`.
 */
export type Facts = {
  /** When somebody on our side, or of a processor who told us, knew. */
  awareAt: Instant
  occurredFrom?: Instant
  occurredTo?: Instant
  /** When it was found that there was a breach. Absent: counted from awareness. */
  determinedAt?: Instant
  /** When the assessment (is it notifiable, how bad) was complete. */
  assessedAt?: Instant
  /** When the incident had been dealt with. */
  handledAt?: Instant
  /** `possible` while nobody knows whether anything leaked at all. */
  occurrence: 'established' | 'possible'
  /**
   * Persons by ISO 3166-1 or 3166-2 code of where they live, as the scope counts them: `unknown` for those of whom it is
   * not known. Absent: the scope itself is not known yet.
   */
  persons?: Readonly<Record<string, number>>
  /** What was disclosed, or could be opened. */
  classes?: readonly DataClass[]
  harm?: Harm
  /** By a jurisdiction's code, where its own words ask for another level than `harm`. */
  harmIn?: Readonly<Record<string, Harm>>
  circumstances: Readonly<Partial<Record<Circumstance, boolean>>>
  /** What we are. Always known. */
  roles: readonly Role[]
  /** By a jurisdiction's code: the IANA zone of the competent authority, where there is more than one. */
  zones?: Readonly<Record<string, string>>
}

/** A notice that went out for one rule. The earliest of a rule counts. For an assessment `Facts.assessedAt` counts instead. */
export type Notice = { rule: string; at: Instant }

/** A decision not to give a notice, or not in time. Its reason is free text, and kept sealed with the decision. */
export type Waiver = { rule: string; at: Instant; exemption?: string }

/** All that the clocks of an incident hang on. */
export type ClockInput = { facts: Facts; notices: readonly Notice[]; waivers: readonly Waiver[] }

/** A request of a person, for the clocks that are not an incident's. */
export type Request = {
  receivedAt: Instant
  /** ISO 3166 code of the law that it is made under. */
  jurisdiction: string
  /** Whether the person was told in time that it takes longer. */
  extended: boolean
  answeredAt?: Instant
  zones?: Readonly<Record<string, string>>
}

const EARLIEST = instant(Date.UTC(1970, 0, 1))
const LATEST = instant(Date.UTC(2200, 0, 1))
const CODE = /^[A-Z]{2}(-[A-Z0-9]{1,3})?$|^unknown$/
const MOMENTS = ['awareAt', 'occurredFrom', 'occurredTo', 'determinedAt', 'assessedAt', 'handledAt'] as const
const AFTER_AWARENESS = ['determinedAt', 'assessedAt', 'handledAt'] as const

/**
 * What is wrong with facts, as RFC 6901 pointers into them; empty if nothing is. Codes: `incident_instant_invalid` (not
 * between 1970 and 2200), `incident_window_reversed`, `incident_aware_before_occurred`, `incident_before_aware`,
 * `incident_persons_invalid`, `incident_zone_unknown`.
 */
export function checkFacts(facts: Facts): readonly FieldError[] {
  const { occurredFrom, occurredTo, awareAt } = facts
  const wrong = (pointer: string, code: string): FieldError => ({ pointer, code })
  return [
    ...MOMENTS.filter((name) => !isMoment(facts[name])).map((name) =>
      wrong(`/${name}`, 'incident_instant_invalid'),
    ),
    ...(occurredFrom !== undefined && occurredTo !== undefined && occurredTo < occurredFrom
      ? [wrong('/occurredTo', 'incident_window_reversed')]
      : []),
    ...(occurredFrom !== undefined && awareAt < occurredFrom
      ? [wrong('/awareAt', 'incident_aware_before_occurred')]
      : []),
    ...AFTER_AWARENESS.filter((name) => (facts[name] ?? awareAt) < awareAt).map((name) =>
      wrong(`/${name}`, 'incident_before_aware'),
    ),
    ...Object.entries(facts.persons ?? {})
      .filter(([code, count]) => !CODE.test(code) || !Number.isSafeInteger(count) || count < 0)
      .map(([code]) => wrong(CODE.test(code) ? `/persons/${code}` : '/persons', 'incident_persons_invalid')),
    ...Object.entries(facts.zones ?? {})
      .filter(([, zone]) => !isZone(zone))
      .map(([code]) => wrong(CODE.test(code) ? `/zones/${code}` : '/zones', 'incident_zone_unknown')),
  ]
}

/** Between 1970 and 2200, to the millisecond; or not known. */
export function isMoment(at: Instant | undefined): boolean {
  return at === undefined || (Number.isInteger(at) && at >= EARLIEST && at < LATEST)
}

function isZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
