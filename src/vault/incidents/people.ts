import type { TenantId } from '../../core/id.ts'
import type { Vault } from '../vault.ts'
import { nextTurn } from './disclosures.ts'
import { Counter } from './tally.ts'
import type { PersonSet } from './tally.ts'

/** Where a person's language or jurisdiction is not known, or was erased. */
export const UNKNOWN = 'unknown'

/** Of these persons: where they live, what they read, and who was erased; and who is nobody, and counts under nothing. */
export async function countPeople(vault: Vault, tenant: TenantId, persons: PersonSet) {
  const jurisdictions = new Counter()
  const languages = new Counter()
  const canaries: number[] = []
  let erased = 0
  for (const { first, last } of persons.stretches()) {
    for (const facts of await vault.store.listPersonFacts(tenant, first, last)) {
      if (!persons.has(facts.person)) continue
      if (facts.canary) {
        canaries.push(facts.person)
        continue
      }
      if (facts.state === 'erased') erased += 1
      jurisdictions.add(facts.jurisdiction ?? UNKNOWN)
      languages.add(facts.locale ?? UNKNOWN)
    }
    await nextTurn()
  }
  return { jurisdictions, languages, erased, canaries }
}
