import type { TenantId } from '../../core/id.ts'
import type { Vault } from '../vault.ts'
import { copyReader, keysInCopy } from './copied-store.ts'
import { disclosures } from './disclosures.ts'
import type { Counted, Incident } from './incident.ts'
import { asksTheLog, countPeople, hasBounds, isOfTheStore, Tally } from './scope.ts'

/**
 * Persons in scope by where they live, each once, as of now: those of whom somebody was shown something, those whose values
 * a copied store holds, and those whose values open with a key that got away.
 */
export async function countPersons(vault: Vault, tenant: TenantId, incident: Incident): Promise<Counted> {
  const at = vault.clock.now()
  if (!isKnown(incident)) return { at, persons: null, classes: [] }
  const tally = new Tally()
  if (asksTheLog(incident)) {
    for await (const some of disclosures(vault, tenant, incident)) for (const one of some) tally.add(one)
  }
  if (isOfTheStore(incident)) {
    // The law asks whose data got away; that it was encrypted is a circumstance of its own.
    const isCopy = incident.kind === 'copied_store'
    const reader = await copyReader(vault, tenant, incident)
    for await (const held of keysInCopy(vault, tenant, reader)) {
      for (const key of held) if (isCopy || reader.opens(key)) tally.persons.add(key.person)
    }
  }
  const { jurisdictions } = await countPeople(vault, tenant, tally.persons)
  return {
    at,
    persons: Object.fromEntries(jurisdictions.entries()),
    classes: [...new Set(tally.byField.map(({ field }) => field))],
  }
}

/** A scope without bounds is not known, and so is what a key opens that nobody has named. */
function isKnown(incident: Incident): boolean {
  if (incident.kind === 'key_compromise' && incident.suspects.keys.length === 0) return false
  return !asksTheLog(incident) || hasBounds(incident)
}
