import { JURISDICTIONS } from '../../../vault/incidents/law/index.ts'
import { isFor } from '../../../vault/incidents/notices/notice.ts'

/**
 * The jurisdictions by which notices to these persons are drafted, such that each person gets one: the law of each (`DE` → `EU`),
 * and where one covers another (`US` covers `US-CA`) the wider of the two.
 */
export function noticeJurisdictions(persons: readonly string[]): readonly string[] {
  const laws = [...new Set(persons.map(lawOf))]
  return laws.filter((code) => !laws.some((other) => other !== code && isFor(other, code)))
}

/** Of those that cover many; the United States has a law of their own, and so have some of their states. */
function lawOf(jurisdiction: string): string {
  const union = JURISDICTIONS.find(({ code, covers }) => covers.length > 1 && isFor(code, jurisdiction))
  return union?.code ?? jurisdiction
}
