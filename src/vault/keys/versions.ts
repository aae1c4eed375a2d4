import type { TenantId } from '../../core/id.ts'
import type { Vault } from '../vault.ts'
import type { TenantKeyRecord } from './tenant-key.ts'

export type KeyVersion = Pick<TenantKeyRecord, 'kind' | 'version' | 'state' | 'createdAt'>

/** All versions of a tenant's keys that there ever were, by kind and version; of the keys themselves nothing. */
export async function listKeyVersions(vault: Vault, tenant: TenantId): Promise<readonly KeyVersion[]> {
  const records = await vault.store.listTenantKeys(tenant)
  return records
    .map(({ kind, version, state, createdAt }) => ({ kind, version, state, createdAt }))
    .toSorted((a, b) => a.kind.localeCompare(b.kind) || a.version - b.version)
}
