import type { EventId, SubjectId } from '../../core/id.ts'
import { toRfc3339 } from '../../core/time.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import type { PersonCaller, PlatformCaller } from '../principals/principal.ts'
import { notFound, transact } from '../transact.ts'
import type { Call, Plan } from '../transact.ts'
import type { Vault } from '../vault.ts'

export type Erased = { erasedAt: string; event: EventId; tokensRetired: number; grantsRevoked: number }

/**
 * Destroys the person's data key, and with it every value wherever its ciphertext may still lie; retires the tokens and
 * revokes the grants. One commit: there is no moment at which half of it holds.
 */
export async function erase(
  vault: Vault,
  call: Call<PlatformCaller | PersonCaller>,
  subject: SubjectId,
): Promise<Erased> {
  return transact(vault, call, () => planErasure(vault, call.caller, subject))
}

/** @throws VaultError `not_found` for nobody, or somebody who was erased. */
export async function planErasure(
  vault: Vault,
  caller: PlatformCaller | PersonCaller,
  subject: SubjectId,
): Promise<Plan<Erased>> {
  const { tenant } = caller
  const person = await vault.store.findPerson(tenant, subject)
  if (!person || person.subject.state === 'erased') throw notFound('person')
  const [tokens, grants] = await Promise.all([
    vault.store.listTokensOf(tenant, [subject], null),
    vault.store.listGrantsOf(tenant, subject),
  ])
  const now = vault.clock.now()
  const live = grants.filter((grant) => grant.revokedAt === null)
  const counts = { tokens_retired: tokens.length, grants_revoked: live.length }
  const { event, append } = record(vault, caller, now, { type: 'subject.erased', subject, counts })
  const changes: Change[] = [
    expectCaller(caller),
    ...live.map(({ id, version }): Change => ({
      type: 'grant.revoke',
      id,
      expectedVersion: version,
      at: now,
    })),
    { type: 'tokens.retire', subject, party: null, expected: tokens.length, at: now },
    { type: 'subject.erase', id: subject, expectedVersion: person.subject.version, at: now },
    append,
  ]
  const { tokens_retired: tokensRetired, grants_revoked: grantsRevoked } = counts
  return { changes, result: { erasedAt: toRfc3339(now), event: event.id, tokensRetired, grantsRevoked } }
}
