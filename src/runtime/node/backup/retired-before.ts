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
  const known = await Promise.all(
    tombstones.map(async ({ type, tenant, event, at }) => {
      if (type !== 'tokens.retired') return false
      // Retention may have emptied what is years old.
      if (at < (newest.get(tenant) ?? 0) - DISORDER_MS) return true
      return (await store.findEvent(tenant, event)) !== undefined
    }),
  )
  return tombstones.filter((_, i) => !known[i])
}
