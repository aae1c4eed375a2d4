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

/**
 * Asks for the destruction of a retired version of a tenant's key: nothing happens until another credential of the platform
 * has approved, within 24 hours.
 * @throws VaultError `not_found`; `state_conflict` unless the version is retired: before that, something may need it.
 */
export async function askDestruction(
  vault: Vault,
  call: Call<PlatformCaller>,
  { kind, version }: { kind: KeyKind; version: number },
): Promise<KeyDestruction> {
  const { tenant, credential: askedBy } = call.caller
  return transact(vault, call, async (): Promise<Plan<KeyDestruction>> => {
    await requireRetired(vault, tenant, kind, version)
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
    const { kind, version } = asked
    await requireRetired(vault, tenant, kind, version)
    const { append } = record(vault, call.caller, now, {
      type: 'key.destroyed',
      code: kind,
      counts: { version },
    })
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'key_destruction.approve', id, by: approvedBy, at: now },
      { type: 'tenant_key.destroy', kind, version },
      append,
    ]
    return { changes, result: { ...asked, approvedBy, approvedAt: now } }
  })
  await forgetHere(vault, tenant)
  return destroyed
}

/**
 * Destroys a retired version on the word of those who had it destroyed once already, in a vault that was since restored.
 * @throws VaultError `conflict` unless it is retired and nothing names it.
 */
export async function destroyVersion(
  vault: Vault,
  caller: PlatformCaller,
  { kind, version }: { kind: KeyKind; version: number },
): Promise<void> {
  const { tenant } = caller
  const said = { type: 'key.destroyed', code: kind, counts: { version } } as const
  const { append } = record(vault, caller, vault.clock.now(), said)
  await vault.store.commit(tenant, [
    expectCaller(caller),
    { type: 'tenant_key.destroy', kind, version },
    append,
  ])
  await forgetHere(vault, tenant)
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

async function requireRetired(vault: Vault, tenant: TenantId, kind: KeyKind, version: number): Promise<void> {
  const records = await vault.store.listTenantKeys(tenant)
  const found = records.find((record) => record.kind === kind && record.version === version)
  if (!found) throw notFound('key version')
  if (found.state !== 'retired') throw new VaultError('state_conflict', WHY_NOT[found.state])
}
