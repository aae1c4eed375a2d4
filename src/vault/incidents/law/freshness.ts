import { DAY_MS } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import type { Jurisdiction, LawDate, Rule } from './rule.ts'

/** Law changes without telling us: a rule that nobody has looked at for so long is to be checked again. */
export const STALE_DAYS = 180

/** Known from the statute's text or from official text quoted; a rule that is not says so wherever it is shown. */
export function isVerified({ mark }: Rule): boolean {
  return mark === 'R' || mark === 'Q'
}

/** From the 180th day after the check on. A month without a day counts from its first. */
export function isStale({ checkedOn }: Rule, now: Instant): boolean {
  return now >= startOfLawDate(checkedOn) + STALE_DAYS * DAY_MS
}

/** The rules to check again, all of them in the order of the law. Pure: `now` is the caller's. */
export function staleRules(law: readonly Jurisdiction[], now: Instant): readonly Rule[] {
  return law.flatMap(({ rules }) => rules.filter((rule) => isStale(rule, now)))
}

function startOfLawDate(date: LawDate): number {
  return Date.parse(date.length === 'YYYY-MM'.length ? `${date}-01` : date)
}
