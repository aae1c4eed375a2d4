import { VaultError } from '../../core/errors.ts'
import type { Secret } from '../../core/secret.ts'
import type { KeyId } from '../../crypto/envelope.ts'
import { recordRootDestruction } from '../../vault/keys/destroy-root.ts'
import { authenticate, requirePlatform } from '../../vault/principals/authenticate.ts'
import type { PlatformCaller } from '../../vault/principals/principal.ts'
import type { Vault } from '../../vault/vault.ts'
import { namedRootKeys } from './needed-root-keys.ts'
import { destroyRootKeyFile } from './root-key-disk.ts'
import { listRootKeys } from './root-key-folder.ts'
import type { RootKeyEntry } from './root-key-folder.ts'

export type Destroyed = Pick<RootKeyEntry, 'keyId' | 'path' | 'version'>

/**
 * Destroys a retired root key for good, on the word of two platform credentials given at this machine. It is written down before
 * the file goes; after a kill in between the command is given again.
 * @throws VaultError `root_key_missing`; `state_conflict` unless the key is retired and no row names it; `unauthenticated`,
 *   `forbidden` for what is no platform credential; `approval_own` for one given twice.
 */
export async function destroyRootKey(
  { vault, rootKeyFile }: { vault: Vault; rootKeyFile: string },
  keyId: KeyId,
  credentials: { asks: Secret<string>; approves: Secret<string> },
): Promise<Destroyed> {
  const entry = (await listRootKeys(rootKeyFile)).find((one) => one.keyId === keyId)
  if (!entry) throw new VaultError('root_key_missing', `There is no root key ${keyId} beside ${rootKeyFile}.`)
  const named = await namedRootKeys(vault.store)
  if (!entry.retired || named.has(keyId)) {
    throw new VaultError('state_conflict', `The root key ${keyId} is not retired: something needs it.`)
  }
  const [asks, approves] = [
    await platformOf(vault, credentials.asks),
    await platformOf(vault, credentials.approves),
  ]
  const { path, version } = entry
  await recordRootDestruction(vault, { asks, approves, version })
  await destroyRootKeyFile(path)
  return { keyId, path, version }
}

async function platformOf(vault: Vault, credential: Secret<string>): Promise<PlatformCaller> {
  const caller = await authenticate(vault, credential)
  requirePlatform(caller)
  return caller
}
