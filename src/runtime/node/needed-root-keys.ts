import type { KeyId } from '../../crypto/envelope.ts'
import type { VaultStore } from '../../vault/store.ts'
import { readRootKeyFile } from './root-key-disk.ts'
import { listRootKeys, type RootKeyEntry } from './root-key-folder.ts'
import type { Environment } from '../settings.ts'
import { loadRootKey } from './root-key.ts'

/** Ids of the root keys that a store's keys are wrapped under, or are just being put under. */
export async function namedRootKeys(store: VaultStore): Promise<ReadonlySet<KeyId>> {
  const tenants = await store.listTenants()
  const named = await Promise.all(
    tenants.map(async ({ id }) => {
      const [keys, rotations] = await Promise.all([store.listTenantKeys(id), store.listRotations(id)])
      const under = keys.filter(({ state }) => state !== 'destroyed').map(({ rootKeyId }) => rootKeyId)
      const towards = rotations.filter(({ level, state }) => level === 'root' && state === 'running')
      return [...under, ...towards.map(({ target }) => target)]
    }),
  )
  return new Set(named.flat())
}

/**
 * The files that a store's data needs, oldest first: the last one is the one that wraps. For an empty store the newest.
 * @param first the path of the first version.
 * @throws VaultError `root_key_missing`, `root_key_unreadable`, `root_key_wrong` when one of them is not there.
 */
export async function neededRootKeys(
  first: string,
  store: VaultStore,
  environment: Environment,
): Promise<readonly RootKeyEntry[]> {
  const entries = await listRootKeys(first)
  const named = await namedRootKeys(store)
  if (named.size === 0) {
    const newest = entries.findLast(({ retired }) => !retired)
    if (newest) return [newest]
    await readRootKeyFile(first)
  }
  for (const expectedKeyId of named) {
    // Says what is wrong with the file that stands in its place.
    if (!entries.some(({ keyId }) => keyId === expectedKeyId))
      await loadRootKey(first, { environment, expectedKeyId })
  }
  return entries.filter(
    ({ keyId }, i) => named.has(keyId) && entries.findIndex((e) => e.keyId === keyId) === i,
  )
}
