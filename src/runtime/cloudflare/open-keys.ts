import { VaultError, isVaultError } from '../../core/errors.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { VaultStore } from '../../vault/store.ts'
import type { KeyHolder } from '../key-holder.ts'
import { argon2Hasher } from './argon2.ts'
import type { Config } from './bindings.ts'
import { log } from './log.ts'
import { openRootKey } from './root-key.ts'

/** What the bindings have to be mended for: until then there is no use in trying again. */
const SEALING: readonly ErrorCode[] = [
  'root_key_missing',
  'root_key_unreadable',
  'root_key_plain',
  'root_key_wrong',
  'passphrase_required',
  'passphrase_wrong',
  'shares_missing',
]

/**
 * Opens the root key that the bindings hold, and has it wrap.
 * @returns what stands in the way, which is in the operator's log too. @throws VaultError of a store that does not answer.
 */
export async function openKeys(
  config: Config,
  store: VaultStore,
  holder: KeyHolder,
): Promise<VaultError | undefined> {
  try {
    const key = await openRootKey(config, argon2Hasher)
    await requireSameKey(store, key.id)
    holder.add(key)
    holder.use(key.id)
    return undefined
  } catch (error) {
    if (!isVaultError(error) || !SEALING.includes(error.code)) throw error
    log({ level: 'error', event: 'sealed', code: error.code, message: error.message })
    return error
  }
}

/** @throws VaultError `root_key_wrong` if what is stored was wrapped under another one. */
async function requireSameKey(store: VaultStore, keyId: string): Promise<void> {
  for (const { id } of await store.listTenants()) {
    const other = (await store.listTenantKeys(id)).find(({ rootKeyId }) => rootKeyId !== keyId)
    if (!other) continue
    throw new VaultError(
      'root_key_wrong',
      `CLOAKROOM_ROOT_KEY is not the key that this tenant was made with: put back ${other.rootKeyId}.`,
    )
  }
}
