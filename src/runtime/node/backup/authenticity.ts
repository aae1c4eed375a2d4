import type { TenantId } from '../../../core/id.ts'
import { utf8 } from '../../../core/bytes.ts'
import { hkdfExpand } from '../../../crypto/kdf.ts'
import type { SymmetricKey } from '../../../crypto/envelope.ts'
import { sealed } from '../../../vault/keys/keyset.ts'
import type { Vault } from '../../../vault/vault.ts'

/**
 * age says that a file is whole, not who made it: everybody who knows a recipient can encrypt to it. So backups and tombstones
 * are sealed under a key derived from the first tenant's `ref` key, which the root key alone opens, and which is in every backup,
 * wrapped. That one is never rotated, so no destruction of a key takes away what a file can be checked with. Both uses have keys of
 * their own.
 */
export type SealUse = 'cloakroom/backup' | 'cloakroom/tombstones'

export const SEAL_KEY_BYTES = 32

export function sealKeyOf(key: SymmetricKey, use: SealUse): Uint8Array {
  return hkdfExpand(key.material.exposeSecret(), utf8(use), SEAL_KEY_BYTES)
}

export type SealKey = { tenant: TenantId; keyVersion: number; sealKey: Uint8Array }

/** The key for something new: of the tenant that was first, in its present version. @throws VaultError `sealed` */
export async function newestSealKey(vault: Vault, use: SealUse): Promise<SealKey> {
  const [first] = await vault.store.listTenants()
  // Its first tenant is made when the vault is opened for the first time.
  if (!first) throw sealed()
  const { ref } = await vault.keyring.tenantKeys(first.id)
  const { version: keyVersion, key } = ref.primary
  return { tenant: first.id, keyVersion, sealKey: sealKeyOf(key, use) }
}

/** The key for something that is there. @throws VaultError `key_unknown` if that version is gone. */
export async function sealKeyFor(
  vault: Vault,
  { tenant, keyVersion }: Omit<SealKey, 'sealKey'>,
  use: SealUse,
): Promise<Uint8Array> {
  const { ref } = await vault.keyring.tenantKeys(tenant)
  return sealKeyOf(ref.version(keyVersion), use)
}
