import { DAY_MS } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import type { Jurisdiction, LawDate, Rule } from './rule.ts'

/** Law changes without telling us: a rule that nobody has looked at for so long is to be checked again. */
export const STALE_DAYS = 180

/** Known from the statute's text or from official text quoted; a rule that is not says so wherever it is shown. */
export function isVerified({ mark }: Rule): boolean {
  return mark === 'R' || mark === 'Q'
}

/** Whole days since somebody looked at the rule. A month without a day counts from its first. */
export function daysSinceCheck({ checkedOn }: Rule, now: Instant): number {
  return Math.floor((now - startOfLawDate(checkedOn)) / DAY_MS)
}

/** From the 180th day after the check on. */
export function isStale(rule: Rule, now: Instant): boolean {
  return daysSinceCheck(rule, now) >= STALE_DAYS
}

/** The rules to check again, all of them in the order of the law. Pure: `now` is the caller's. */
export function staleRules(law: readonly Jurisdiction[], now: Instant): readonly Rule[] {
  return law.flatMap(({ rules }) => rules.filter((rule) => isStale(rule, now)))
}

function startOfLawDate(date: LawDate): number {
  return Date.parse(date.length === 'YYYY-MM'.length ? `${date}-01` : date)
}
