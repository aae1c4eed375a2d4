import type { Instant } from '../../../core/time.ts'
import type { LawDate, Rule } from '../law/rule.ts'
import type { Holds } from './holds.ts'
import { localDate } from './zone.ts'

export type InForceCode =
  | 'in_force'
  | 'in_force_date_unrecorded'
  | 'proposed'
  | 'no_date_in_force'
  | 'not_yet_in_force'
  | 'month_of_coming_into_force'
  | 'came_into_force_since'
  | 'no_longer_in_force'

export type InForce = { holds: Holds; code: InForceCode; words: string }

/**
 * Whether the rule binds an incident whose clock starts at `at`: the law of that day, in the jurisdiction's zone. What came
 * into force between then and now is `unclear`: whether it reaches back is for a lawyer.
 */
export function inForceAt(rule: Rule, at: Instant, now: Instant, zone: string): InForce {
  const { status, effectiveFrom: from, effectiveTo: to } = rule
  const day = localDate(at, zone).toString()
  if (status === 'proposed') return { holds: 'no', code: 'proposed', words: 'only proposed' }
  if (from === null && status === 'promulgated') {
    return { holds: 'no', code: 'no_date_in_force', words: 'promulgated, without a date in force' }
  }
  if (to !== null && day > to)
    return { holds: 'no', code: 'no_longer_in_force', words: `in force until ${to}` }
  if (from === null) {
    return {
      holds: 'yes',
      code: 'in_force_date_unrecorded',
      words: 'in force; since when is not in the evidence',
    }
  }
  if (isSince(day, from)) return { holds: 'yes', code: 'in_force', words: `in force since ${from}` }
  if (day.startsWith(from)) {
    return {
      holds: 'unclear',
      code: 'month_of_coming_into_force',
      words: `comes into force in ${from}, day unknown`,
    }
  }
  if (isSince(localDate(now, zone).toString(), from)) {
    return {
      holds: 'unclear',
      code: 'came_into_force_since',
      words: `came into force on ${from}, after the start`,
    }
  }
  return { holds: 'no', code: 'not_yet_in_force', words: `in force from ${from}` }
}

/** A month counts as reached when it is over, since its day is not known. */
function isSince(day: string, from: LawDate): boolean {
  return from.length === day.length ? day >= from : day.slice(0, from.length) > from
}
