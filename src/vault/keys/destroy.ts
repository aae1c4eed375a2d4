import { VaultError, isVaultError } from '../../core/errors.ts'
import { timedId } from '../../core/id.ts'
import type { TenantId } from '../../core/id.ts'
import { DAY_MS, after } from '../../core/time.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import { notFound, transact } from '../transact.ts'
import type { Call, Plan } from '../transact.ts'
import type { Vault } from '../vault.ts'
import type { KeyDestruction } from './rotation.ts'
import type { KeyKind, KeyState } from './tenant-key.ts'

/** Who asked remembers why for a day. */
const ASKED_FOR_MS = DAY_MS

/** What these sign is checked with the public half. An old one signs on only for the comfort of those who check. */
const SIGNING: readonly KeyKind[] = ['log', 'session']

/**
 * Asks for the destruction of a retired version of a tenant's key: nothing happens until another credential of the platform
 * has approved, within 24 hours. A signing key that was followed by another may go before it is retired: it may have leaked.
 * @throws VaultError `not_found`; `state_conflict` unless the version may go: before that, something may need it.
 */
export async function askDestruction(
  vault: Vault,
  call: Call<PlatformCaller>,
  { kind, version }: KeyVersion,
): Promise<KeyDestruction> {
  const { tenant, credential: askedBy } = call.caller
  return transact(vault, call, async (): Promise<Plan<KeyDestruction>> => {
    await requireDestroyable(vault, tenant, { kind, version })
    const now = vault.clock.now()
    const destruction: KeyDestruction = {
      id: timedId('req', vault.random, now),
      kind,
      version,
      askedBy,
      askedAt: now,
      expiresAt: after(now, ASKED_FOR_MS),
      approvedBy: null,
      approvedAt: null,
    }
    const said = { type: 'key.destruction_asked', code: kind, counts: { version } } as const
    const { append } = record(vault, call.caller, now, said)
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'key_destruction.ask', destruction },
      append,
    ]
    return { changes, result: destruction }
  })
}

/**
 * The second person's yes: the wrapped key is overwritten in the same commit, and is in no file once that has resolved.
 * @throws VaultError `not_found`; `approval_own` for the credential that asked; `state_conflict` when it was approved already,
 *   has run out, or the version is not retired any more; `conflict` while anything still names the version.
 */
export async function approveDestruction(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: KeyDestruction['id'],
): Promise<KeyDestruction> {
  const { tenant, credential: approvedBy } = call.caller
  const destroyed = await transact(vault, call, async (): Promise<Plan<KeyDestruction>> => {
    const now = vault.clock.now()
    const asked = await vault.store.findKeyDestruction(tenant, id)
    if (!asked) throw notFound('request')
    if (asked.askedBy === approvedBy) {
      throw new VaultError('approval_own', 'The one who asked cannot be the one who approves.')
    }
    if (asked.approvedAt !== null) throw new VaultError('state_conflict', 'This was approved already.')
    if (asked.expiresAt <= now) throw new VaultError('state_conflict', 'This request has run out: ask anew.')
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'key_destruction.approve', id, by: approvedBy, at: now },
      ...(await destroying(vault, call.caller, asked)),
    ]
    return { changes, result: { ...asked, approvedBy, approvedAt: now } }
  })
  await forgetHere(vault, tenant)
  return destroyed
}

/**
 * Destroys a version on the word of those who had it destroyed once already, in a vault that was since restored.
 * @throws VaultError `state_conflict` unless it may go; `conflict` while anything names it.
 */
export async function destroyVersion(
  vault: Vault,
  caller: PlatformCaller,
  version: KeyVersion,
): Promise<void> {
  const { tenant } = caller
  await vault.store.commit(tenant, [expectCaller(caller), ...(await destroying(vault, caller, version))])
  await forgetHere(vault, tenant)
}

type KeyVersion = { kind: KeyKind; version: number }

/** The changes that destroy a version, retiring it first if it is not, with their events. */
async function destroying(
  vault: Vault,
  caller: PlatformCaller,
  { kind, version }: KeyVersion,
): Promise<Change[]> {
  const state = await requireDestroyable(vault, caller.tenant, { kind, version })
  const said = { code: kind, counts: { version } }
  const event = (type: 'key.retired' | 'key.destroyed') =>
    record(vault, caller, vault.clock.now(), { type, ...said }).append
  return [
    ...(state === 'active'
      ? [{ type: 'tenant_key.retire', kind, version } as const, event('key.retired')]
      : []),
    { type: 'tenant_key.destroy', kind, version },
    event('key.destroyed'),
  ]
}

/** @throws VaultError `not_found` */
export async function findDestruction(
  vault: Vault,
  { tenant }: PlatformCaller,
  id: KeyDestruction['id'],
): Promise<KeyDestruction> {
  const found = await vault.store.findKeyDestruction(tenant, id)
  if (!found) throw notFound('request')
  return found
}

/** Out of this process's memory too. It is destroyed all the same if the vault was sealed in between: then it is gone already. */
async function forgetHere(vault: Vault, tenant: TenantId): Promise<void> {
  try {
    await vault.keyring.refresh(tenant)
  } catch (error) {
    if (!isVaultError(error, 'sealed')) throw error
  }
}

const WHY_NOT: Readonly<Record<Exclude<KeyState, 'retired'>, string>> = {
  primary: 'This version is in use.',
  active: 'Something still needs this version.',
  destroyed: 'This version was destroyed already.',
}

async function requireDestroyable(
  vault: Vault,
  tenant: TenantId,
  { kind, version }: KeyVersion,
): Promise<'retired' | 'active'> {
  const records = await vault.store.listTenantKeys(tenant)
  const found = records.find((record) => record.kind === kind && record.version === version)
  if (!found) throw notFound('key version')
  const { state } = found
  if (state === 'retired' || (state === 'active' && SIGNING.includes(kind))) return state
  throw new VaultError('state_conflict', WHY_NOT[state])
}
