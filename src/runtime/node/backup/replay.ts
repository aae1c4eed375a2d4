import { VaultError, unreachable } from '../../../core/errors.ts'
import { timedId } from '../../../core/id.ts'
import type { TenantId } from '../../../core/id.ts'
import { sealEvent } from '../../../vault/audit/event.ts'
import { revokeGrant } from '../../../vault/grants/service.ts'
import { mayMove } from '../../../vault/principals/principal.ts'
import type { PlatformCaller } from '../../../vault/principals/principal.ts'
import { revokeCredential, setPartyStatus } from '../../../vault/principals/service.ts'
import { endSession } from '../../../vault/principals/session.ts'
import { erase } from '../../../vault/records/erase.ts'
import { retireTokens } from '../../../vault/tokens/retire.ts'
import type { Vault } from '../../../vault/vault.ts'
import { destroyKeyAgain } from './replay-keys.ts'
import type { Tombstone } from './tombstone.ts'

/**
 * How often each thing was done; `unknown` are those that came into the vault after the backup and are lost with it, `left` keys that
 * only time lets go of.
 */
export type Replayed = Record<
  'erased' | 'revoked' | 'suspended' | 'destroyed' | 'already' | 'unknown' | 'left',
  number
>

type Outcome = keyof Replayed

/** So many at a time share one flush to disk. */
const AT_ONCE = 64
const CREDENTIAL_BYTES = 32
const REASON = 'restored from a backup'

/**
 * Ends again, by the vault's own use cases and so in its log, what had ended after the backup was made.
 * @throws VaultError of a use case: then nothing may be served.
 */
export async function replay(vault: Vault, tombstones: readonly Tombstone[]): Promise<Replayed> {
  const replayed: Replayed = {
    erased: 0,
    revoked: 0,
    suspended: 0,
    destroyed: 0,
    already: 0,
    unknown: 0,
    left: 0,
  }
  const known = new Set((await vault.store.listTenants()).map(({ id }) => id))
  for (const [tenant, own] of Map.groupBy(tombstones, (one) => one.tenant)) {
    if (!known.has(tenant)) replayed.unknown += own.length
    else await replayTenant(vault, tenant, distinct(own), replayed)
  }
  return replayed
}

/** Of a party only what it was last; of all else one of each. */
function distinct(tombstones: readonly Tombstone[]): readonly Tombstone[] {
  return [...new Map(tombstones.map((one) => [concernOf(one), one])).values()]
}

function concernOf(one: Tombstone): string {
  switch (one.type) {
    case 'subject.erased':
      return one.subject
    case 'grant.revoked':
      return one.grant
    case 'credential.revoked':
      return one.credential
    case 'session.ended':
      return one.session
    case 'party.status_changed':
      return one.party
    case 'tokens.retired':
      return `${one.subject} ${one.party ?? ''}`
    case 'key.destroyed':
      return `${one.kind} ${one.version}`
    default:
      return unreachable(one)
  }
}

/** Erasures first: they end most of what the others are about. */
const ORDER: readonly Tombstone['type'][] = [
  'subject.erased',
  'tokens.retired',
  'grant.revoked',
  'session.ended',
  'party.status_changed',
  'credential.revoked',
  'key.destroyed',
]

async function replayTenant(
  vault: Vault,
  tenant: TenantId,
  tombstones: readonly Tombstone[],
  replayed: Replayed,
): Promise<void> {
  const caller = await appearAs(vault, tenant)
  for (const type of ORDER) {
    const left = tombstones.filter((one) => one.type === type)
    while (left.length > 0) {
      const outcomes = await Promise.all(left.splice(0, AT_ONCE).map((one) => endAgain(vault, caller, one)))
      for (const outcome of outcomes) replayed[outcome] += 1
    }
  }
  await revokeCredential(vault, { caller }, caller.credential)
}

/** A platform credential for the restore alone, of which nobody knows the secret, so that the log says who did it. */
async function appearAs(vault: Vault, tenant: TenantId): Promise<PlatformCaller> {
  const now = vault.clock.now()
  const id = timedId('key', vault.random, now)
  const credential = { id, party: null, label: 'restore', createdAt: now, revokedAt: null }
  const event = {
    id: timedId('evt', vault.random, now),
    at: now,
    type: 'credential.issued',
    actor: 'system',
    code: 'restore',
    concerns: id,
  } as const
  await vault.store.commit(tenant, [
    { type: 'credential.insert', credential, secretHash: vault.random(CREDENTIAL_BYTES) },
    { type: 'event.append', event: sealEvent(tenant, event, vault.random) },
  ])
  return { kind: 'platform', tenant, credential: id }
}

async function endAgain(vault: Vault, caller: PlatformCaller, one: Tombstone): Promise<Outcome> {
  const { store } = vault
  const { tenant } = caller
  const call = { caller }
  switch (one.type) {
    case 'subject.erased': {
      const person = await store.findPerson(tenant, one.subject)
      if (!person) return 'unknown'
      if (person.subject.state === 'erased') return 'already'
      await erase(vault, call, one.subject)
      return 'erased'
    }
    case 'grant.revoked': {
      const grant = await store.findGrant(tenant, one.grant)
      if (!grant) return 'unknown'
      if (grant.revokedAt !== null) return 'already'
      await revokeGrant(vault, call, one.grant)
      return 'revoked'
    }
    case 'credential.revoked': {
      const credential = await store.findCredential(tenant, one.credential)
      if (!credential) return 'unknown'
      if (credential.revokedAt !== null) return 'already'
      await revokeCredential(vault, call, one.credential)
      return 'revoked'
    }
    case 'session.ended': {
      const session = await store.findSession(tenant, one.session)
      if (!session) return 'unknown'
      if (session.endedAt !== null) return 'already'
      await endSession(vault, call, one.session)
      return 'revoked'
    }
    case 'party.status_changed':
      return standDown(vault, caller, one)
    case 'tokens.retired': {
      if (!(await store.findPerson(tenant, one.subject))) return 'unknown'
      return (await retireTokens(vault, call, one.subject, one.party)) > 0 ? 'revoked' : 'already'
    }
    case 'key.destroyed':
      return destroyKeyAgain(vault, caller, one)
    default:
      return unreachable(one)
  }
}

/** A party that was stopped is stopped again; one that was let in meanwhile waits until somebody lets it in again. */
async function standDown(
  vault: Vault,
  caller: PlatformCaller,
  { party: id, status }: Tombstone & { type: 'party.status_changed' },
): Promise<Outcome> {
  const party = await vault.store.findParty(caller.tenant, id)
  if (!party) return 'unknown'
  if (status !== 'suspended' && status !== 'terminated') return 'already'
  if (!mayMove(party.status, status)) return 'already'
  await setPartyStatus(vault, { caller }, id, { status, reason: REASON })
  return 'suspended'
}

/** Looks once more at the store itself. @throws VaultError `internal` if a single one could still be served. */
export async function requireEnded(vault: Vault, tombstones: readonly Tombstone[]): Promise<void> {
  for (const one of tombstones) {
    if (await hasEnded(vault, one)) continue
    throw new VaultError('internal', 'What had ended could not be ended again. Nothing was restored.', {
      detail: `${one.type} ${one.event}`,
    })
  }
}

async function hasEnded({ store }: Vault, one: Tombstone): Promise<boolean> {
  switch (one.type) {
    case 'subject.erased': {
      const person = await store.findPerson(one.tenant, one.subject)
      return !person || (person.subject.state === 'erased' && person.fields.length === 0)
    }
    case 'grant.revoked':
      return (await store.findGrant(one.tenant, one.grant))?.revokedAt !== null
    case 'credential.revoked':
      return (await store.findCredential(one.tenant, one.credential))?.revokedAt !== null
    case 'session.ended':
      return (await store.findSession(one.tenant, one.session))?.endedAt !== null
    case 'tokens.retired':
      return (await store.listTokensOf(one.tenant, [one.subject], one.party)).length === 0
    case 'party.status_changed':
      // Only a party's last state counts, which `standDown` has seen to.
      return true
    case 'key.destroyed':
      // It says itself which were left.
      return true
    default:
      return unreachable(one)
  }
}
