import { VaultError, isVaultError } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import { newCredential } from '../../crypto/credential.ts'
import { createTenant, issuePlatformCredential } from '../../vault/principals/tenants.ts'
import type { Vault } from '../../vault/vault.ts'

/** What an operator asked came to; errors do not cross from one isolate to another as they are. */
export type Issued =
  { ok: true; credential: string } | { ok: false; code: VaultError['code']; message: string }

export const NO_SUCH_TENANT: Issued = { ok: false, code: 'not_found', message: 'No such tenant.' }

/** Makes a tenant with a first credential of the platform's that is shown this once. @throws VaultError `state_conflict` */
export async function makeTenant(vault: Vault, tenant: TenantId): Promise<string> {
  if (await vault.store.findTenant(tenant))
    throw new VaultError('state_conflict', 'This tenant is there already.')
  const credential = newCredential(tenant, vault.random)
  await createTenant(vault, tenant, credential)
  return credential.exposeSecret()
}

/** Another credential of the platform's: what takes two people takes two. */
export async function moreCredential(vault: Vault, tenant: TenantId): Promise<string> {
  return (await issuePlatformCredential(vault, tenant, 'operator')).secret.exposeSecret()
}

export async function issued(work: () => Promise<string>): Promise<Issued> {
  try {
    return { ok: true, credential: await work() }
  } catch (error) {
    if (!isVaultError(error)) throw error
    return { ok: false, code: error.code, message: error.message }
  }
}
