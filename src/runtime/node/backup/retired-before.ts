import { DISORDER_MS } from '../../../vault/audit/event.ts'
import type { Vault } from '../../../vault/vault.ts'
import type { Manifest } from './format.ts'
import type { Tombstone } from './tombstone.ts'

/**
 * All but the tokens that were retired before the backup was made: those are retired in it, and what is live of the same
 * persons was given out since.
 */
export async function withoutRetiredBefore(
  { store }: Vault,
  { logs }: Manifest,
  tombstones: readonly Tombstone[],
): Promise<readonly Tombstone[]> {
  const newest = new Map(logs.map(({ tenant, newestAt }) => [tenant as string, newestAt ?? 0]))
  const before = new Set<Tombstone>()
  for (const one of tombstones.filter(({ type }) => type === 'tokens.retired')) {
    // Retention may have emptied what is years old.
    const isOld = one.at < (newest.get(one.tenant) ?? 0) - DISORDER_MS
    if (isOld || (await store.findEvent(one.tenant, one.event))) before.add(one)
  }
  return tombstones.filter((one) => !before.has(one))
}
