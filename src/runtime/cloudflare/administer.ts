import { VaultError, isVaultError, unreachable } from '../../core/errors.ts'
import type { TenantId } from '../../core/id.ts'
import { SECOND_MS } from '../../core/time.ts'
import { newCredential } from '../../crypto/credential.ts'
import { createTenant, issuePlatformCredential, setQuotaPerDay } from '../../vault/principals/tenants.ts'
import type { RetentionKind } from '../../vault/retention/policy.ts'
import { retentionOf, setRetention } from '../../vault/retention/service.ts'
import type { RetentionChange, RetentionInForce } from '../../vault/retention/service.ts'
import type { Vault } from '../../vault/vault.ts'
import type { MoveCall } from './move-out.ts'
import type { RotationCall } from './rotations.ts'

// What `cloakroom tenant` does at the machine on Node.

/** What an operator asks for one tenant. */
export type VaultCall =
  | { type: 'create' }
  | { type: 'credential' }
  /** `perDay` null for the default, that follows each party's parcels. */
  | { type: 'quota'; perDay: number | null }
  | { type: 'retention' }
  | { type: 'set_retention'; kind: RetentionKind; days: number | null; overrideReason: string | undefined }

/** Of all, what an object alone can be asked: a database is moved, and its keys are rotated, from Node. */
export type AdminCall = VaultCall | MoveCall | RotationCall

/** What it came to; errors do not cross from one isolate to another as they are. */
export type Outcome =
  | { ok: true; status: 200 | 201 | 202; body: Record<string, unknown> }
  | { ok: true; status: 200; bytes: Uint8Array }
  | { ok: false; code: VaultError['code']; message: string }

export const NO_SUCH_TENANT: Outcome = { ok: false, code: 'not_found', message: 'No such tenant.' }

export function isVaultCall(call: AdminCall): call is VaultCall {
  return VAULT_CALLS.has(call.type)
}

const VAULT_CALLS: ReadonlySet<AdminCall['type']> = new Set<VaultCall['type']>([
  'create',
  'credential',
  'quota',
  'retention',
  'set_retention',
])

/** @throws what is no VaultError. */
export async function outcomeOf(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work()
  } catch (error) {
    if (!isVaultError(error)) throw error
    return { ok: false, code: error.code, message: error.message }
  }
}

/** @throws VaultError `state_conflict` for a tenant that is there already; as the vault's own. */
export async function administer(vault: Vault, tenant: TenantId, call: VaultCall): Promise<Outcome> {
  const isThere = (await vault.store.findTenant(tenant)) !== undefined
  if (call.type === 'create') {
    if (isThere) throw new VaultError('state_conflict', 'This tenant is there already.')
    const credential = newCredential(tenant, vault.random)
    await createTenant(vault, tenant, credential)
    return { ok: true, status: 201, body: { tenant, credential: credential.exposeSecret() } }
  }
  if (!isThere) return NO_SUCH_TENANT
  switch (call.type) {
    case 'credential': {
      const { secret } = await issuePlatformCredential(vault, tenant, 'operator')
      return { ok: true, status: 201, body: { tenant, credential: secret.exposeSecret() } }
    }
    case 'quota':
      await setQuotaPerDay(vault, tenant, call.perDay ?? undefined)
      return { ok: true, status: 200, body: { tenant, per_day: call.perDay } }
    case 'set_retention':
      await setRetention(vault, tenant, changeOf(call))
      return retentionOutcome(vault, tenant)
    case 'retention':
      return retentionOutcome(vault, tenant)
    default:
      return unreachable(call)
  }
}

function changeOf({
  kind,
  days,
  overrideReason,
}: Extract<VaultCall, { type: 'set_retention' }>): RetentionChange {
  return { kind, days: days ?? undefined, overrideReason }
}

async function retentionOutcome(vault: Vault, tenant: TenantId): Promise<Outcome> {
  const rules = await retentionOf(vault, tenant)
  return { ok: true, status: 200, body: { tenant, retention: rules.map(wireRule) } }
}

function wireRule({ rule, keptMs, own, overrideReason }: RetentionInForce) {
  return {
    kind: rule.kind,
    since: rule.since,
    kept_s: keptMs / SECOND_MS,
    own,
    floor_s: rule.floorMs / SECOND_MS,
    source: rule.source,
    mark: rule.mark,
    checked_on: rule.checkedOn,
    ...(overrideReason !== undefined && { override_reason: overrideReason }),
  }
}
