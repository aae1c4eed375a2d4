import { destroyVersion } from '../../../vault/keys/destroy.ts'
import { isRotationLevel } from '../../../vault/keys/rotation.ts'
import { rotate } from '../../../vault/keys/rotate.ts'
import type { TenantKeyRecord } from '../../../vault/keys/tenant-key.ts'
import type { PlatformCaller } from '../../../vault/principals/principal.ts'
import type { Vault } from '../../../vault/vault.ts'
import type { Tombstone } from './tombstone.ts'

type DestroyedKey = Pick<Tombstone & { type: 'key.destroyed' }, 'kind' | 'version'>

/**
 * Destroys a key version that two people had destroyed after the backup. What the backup has under it is first moved to the next
 * version, as it had been; that takes as long as a rotation.
 * @returns `left` for a session or log key that must stay a while: nothing but time lets go of it.
 */
export async function destroyKeyAgain(
  vault: Vault,
  caller: PlatformCaller,
  { kind, version }: DestroyedKey,
): Promise<'destroyed' | 'already' | 'unknown' | 'left'> {
  const { tenant } = caller
  const find = async (): Promise<TenantKeyRecord | undefined> =>
    (await vault.store.listTenantKeys(tenant)).find((one) => one.kind === kind && one.version === version)
  const before = await find()
  if (!before) return 'unknown'
  if (before.state === 'destroyed') return 'already'
  if (before.state !== 'retired' && isRotationLevel(kind)) await rotate(vault, tenant, kind)
  if ((await find())?.state !== 'retired') return 'left'
  await destroyVersion(vault, caller, { kind, version })
  return 'destroyed'
}
