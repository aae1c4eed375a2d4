import type { TenantId } from '../../core/id.ts'
import type { Vault } from '../vault.ts'
import { hasBounds, isOfTheStore } from './bounds.ts'
import { copyReader, keysInCopy } from './copied-store.ts'
import { readDisclosed } from './disclosed.ts'
import type { Disclosed } from './disclosed.ts'
import type { Counted, Incident } from './incident.ts'
import { countPeople } from './people.ts'

/**
 * Persons in scope by where they live, each once, as of now: those of whom somebody was shown something, those whose values
 * a copied store holds, and those whose values open with a key that got away.
 */
export async function countPersons(vault: Vault, tenant: TenantId, incident: Incident): Promise<Counted> {
  return countIn(vault, tenant, incident, await readDisclosed(vault, tenant, incident))
}

/** @param disclosed what was read of the log for this incident. */
export async function countIn(
  vault: Vault,
  tenant: TenantId,
  incident: Incident,
  disclosed: Disclosed,
): Promise<Counted> {
  const at = disclosed.asOf
  if (!isKnown(incident)) return { at, persons: null, classes: [] }
  const persons = disclosed.persons.copy()
  if (isOfTheStore(incident)) {
    // The law asks whose data got away; that it was encrypted is a circumstance of its own.
    const isCopy = incident.kind === 'copied_store'
    const reader = await copyReader(vault, tenant, incident)
    for await (const held of keysInCopy(vault, tenant, reader)) {
      for (const key of held) if (isCopy || reader.opens(key)) persons.add(key.person)
    }
  }
  const { jurisdictions, canaries } = await countPeople(vault, tenant, persons)
  const shown = disclosed.byField(canaries).filter(({ counted }) => counted.subjects > 0)
  return {
    at,
    persons: Object.fromEntries(jurisdictions.entries()),
    classes: [...new Set(shown.map(({ field }) => field))],
  }
}

/** A scope without bounds is not known, and so is what a key opens that nobody has named. */
function isKnown(incident: Incident): boolean {
  if (incident.kind === 'key_compromise' && incident.suspects.keys.length === 0) return false
  return hasBounds(incident)
}
