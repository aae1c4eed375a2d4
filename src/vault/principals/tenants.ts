import { VaultError } from '../../core/errors.ts'
import { timedId } from '../../core/id.ts'
import type { TenantId } from '../../core/id.ts'
import type { Secret } from '../../core/secret.ts'
import type { Instant } from '../../core/time.ts'
import { newCredential, parseCredential } from '../../crypto/credential.ts'
import { sealEvent } from '../audit/event.ts'
import type { AuditEvent } from '../audit/event.ts'
import type { Change } from '../changes.ts'
import { notFound } from '../transact.ts'
import type { Vault } from '../vault.ts'
import type { Credential } from './principal.ts'

// What whoever runs the vault does with tenants, at the machine: no credential of a tenant's reaches this.

/** A tenant with its keys and its first platform credential, whose hash alone is stored. */
export async function createTenant(
  vault: Vault,
  tenant: TenantId,
  credential: Secret<string>,
): Promise<void> {
  const parsed = parseCredential(credential.exposeSecret())
  if (parsed?.tenant !== tenant) {
    throw new VaultError(
      'config_invalid',
      `A platform credential of this tenant looks like ck_${tenant}_ and at least 32 letters and digits.`,
    )
  }
  const now = vault.clock.now()
  const keys = await vault.keyring.firstKeys(tenant, vault.random, now)
  await vault.store.commit(tenant, [
    { type: 'tenant.insert', tenant: { id: tenant, createdAt: now, settings: {} } },
    ...keys.map((key): Change => ({ type: 'tenant_key.insert', key })),
    said(vault, tenant, now, { type: 'tenant.created', counts: { keys: keys.length } }),
    ...platformCredential(vault, tenant, { label: 'first', secretHash: parsed.hash }, now),
  ])
}

/** @param perDay reveals a day for each party; undefined for the default that follows its parcels. */
export async function setQuotaPerDay(
  vault: Vault,
  tenant: TenantId,
  perDay: number | undefined,
): Promise<void> {
  const found = await vault.store.findTenant(tenant)
  if (!found) throw notFound('tenant')
  const now = vault.clock.now()
  const { quotaPerDay: _, ...others } = found.settings
  const settings = { ...others, ...(perDay !== undefined && { quotaPerDay: perDay }) }
  await vault.store.commit(tenant, [
    { type: 'tenant.set_settings', settings },
    said(vault, tenant, now, { type: 'tenant.settings_changed' }),
  ])
}

/**
 * Another credential of the platform's, for another person: what takes two people takes two credentials.
 * @returns the secret, which is nowhere else. @throws VaultError `not_found`
 */
export async function issuePlatformCredential(
  vault: Vault,
  tenant: TenantId,
  label: string,
): Promise<{ id: Credential['id']; secret: Secret<string> }> {
  if (!(await vault.store.findTenant(tenant))) throw notFound('tenant')
  const secret = newCredential(tenant, vault.random)
  const secretHash = parseCredential(secret.exposeSecret())?.hash
  if (!secretHash) throw new Error('a fresh credential does not parse')
  const [insert, event] = platformCredential(vault, tenant, { label, secretHash }, vault.clock.now())
  await vault.store.commit(tenant, [insert, event])
  return { id: insert.credential.id, secret }
}

type InsertCredential = Extract<Change, { type: 'credential.insert' }>

function platformCredential(
  vault: Vault,
  tenant: TenantId,
  { label, secretHash }: { label: string; secretHash: InsertCredential['secretHash'] },
  now: Instant,
): [InsertCredential, Change] {
  const id = timedId('key', vault.random, now)
  const credential: Credential = { id, party: null, label, createdAt: now, revokedAt: null }
  return [
    { type: 'credential.insert', credential, secretHash },
    said(vault, tenant, now, { type: 'credential.issued', concerns: id }),
  ]
}

function said(
  vault: Vault,
  tenant: TenantId,
  now: Instant,
  details: Pick<AuditEvent, 'type' | 'counts' | 'concerns'>,
): Change {
  const event: AuditEvent = { id: timedId('evt', vault.random, now), at: now, actor: 'system', ...details }
  return { type: 'event.append', event: sealEvent(tenant, event, vault.random) }
}
