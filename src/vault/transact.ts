import { VaultError, isVaultError } from '../core/errors.ts'
import { after } from '../core/time.ts'
import type { Change } from './changes.ts'
import type { Caller } from './principals/principal.ts'
import { IDEMPOTENCY_LIVES_MS, keptIn, recordOf } from './requests/idempotency.ts'
import type { Claim } from './requests/idempotency.ts'
import type { Vault } from './vault.ts'

/** One request: who makes it, and the key that makes its repetition harmless. */
export type Call<C extends Caller = Caller> = { caller: C; claim?: Claim | undefined }

/** What a use case decided: the writes, all or none, and the answer once they are durable. */
export type Plan<Result> = { changes: readonly Change[]; result: Result }

/** A plan whose answer holds plaintext: `memo` is what a repetition needs to know, and is all that is kept. */
export type MemoPlan<Result, Memo> = Plan<Result> & { memo: Memo }

const MAX_ATTEMPTS = 3

/** Decides and commits; where something moved in between, reads and decides anew, at most three times. */
export async function commitPlan<P extends Plan<unknown>>(
  vault: Vault,
  call: Call,
  decide: () => Promise<P>,
): Promise<P> {
  for (let attempt = 1; ; attempt++) {
    // The caller was found before the first attempt's reads, and is not looked up again for the next.
    const mark = attempt === 1 ? call.caller.foundAt : undefined
    const plan = await decide()
    try {
      if (plan.changes.length > 0) await vault.store.commit(call.caller.tenant, plan.changes, mark)
      return plan
    } catch (error) {
      if (!isVaultError(error, 'conflict')) throw error
      await requireStillLive(vault, call.caller)
      if (attempt === MAX_ATTEMPTS) throw error
    }
  }
}

/** What moved may be the caller's own standing: then it is told so, and not that something was in the way. */
async function requireStillLive(vault: Vault, caller: Caller): Promise<void> {
  const { tenant } = caller
  if (caller.kind === 'person') {
    const session = await vault.store.findSession(tenant, caller.session)
    if (session?.endedAt === null) return
    throw new VaultError('unauthenticated', 'This session was ended.')
  }
  const credential = await vault.store.findCredential(tenant, caller.credential)
  if (credential?.revokedAt !== null) throw new VaultError('unauthenticated', 'This credential was revoked.')
  if (caller.kind === 'platform') return
  const party = await vault.store.findParty(tenant, caller.party.id)
  if (party?.status !== 'active')
    throw new VaultError('party_not_active', 'This party is not active any more.')
}

async function keptResult(vault: Vault, claim: Claim): Promise<{ value: unknown } | undefined> {
  const since = after(vault.clock.now(), -IDEMPOTENCY_LIVES_MS)
  const record = await vault.store.findIdempotent(claim.tenant, claim.caller, claim.key, since)
  return record && { value: keptIn(record, claim) }
}

function keep(vault: Vault, claim: Claim, kept: unknown): Change {
  const now = vault.clock.now()
  const record = recordOf(claim, kept, now)
  return { type: 'idempotency.insert', record, expiredBefore: after(now, -IDEMPOTENCY_LIVES_MS) }
}

/** The first time decides and commits, with the answer kept beside its effect; a repetition is given the kept answer. */
export async function transact<Result>(
  vault: Vault,
  call: Call,
  decide: () => Promise<Plan<Result>>,
): Promise<Result> {
  const { claim } = call
  if (!claim) return (await commitPlan(vault, call, decide)).result
  return vault.inFlight.run(claim, async () => {
    const plan = await commitPlan(vault, call, async () => {
      const kept = await keptResult(vault, claim)
      if (kept) {
        // What the first time did may not be durable yet, nor what it erased out of every file.
        await vault.store.commit(claim.tenant, [])
        return { changes: [], result: kept.value as Result }
      }
      const { changes, result } = await decide()
      return { changes: [...changes, keep(vault, claim, result)], result }
    })
    return plan.result
  })
}

/**
 * As `transact`, for answers that hold plaintext: those are never kept, not even sealed. A repetition is decided anew, so that
 * a revocation in between wins, and is told what the first time noted.
 */
export async function transactAnew<Result, Memo>(
  vault: Vault,
  call: Call,
  decide: (noted: Memo | undefined) => Promise<MemoPlan<Result, Memo>>,
): Promise<Result> {
  const { claim } = call
  if (!claim) return (await commitPlan(vault, call, () => decide(undefined))).result
  return vault.inFlight.run(claim, async () => {
    const plan = await commitPlan(vault, call, async () => {
      const kept = await keptResult(vault, claim)
      const { changes, result, memo } = await decide(kept?.value as Memo | undefined)
      if (kept) return { changes, result }
      return { changes: [...changes, keep(vault, claim, memo)], result }
    })
    return plan.result
  })
}

export function notFound(what: string): VaultError {
  return new VaultError('not_found', `No such ${what}.`)
}
