import type { PartyId, SubjectId } from '../../core/id.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import { transact } from '../transact.ts'
import type { Call, Plan } from '../transact.ts'
import type { Vault } from '../vault.ts'

/**
 * Retires the live tokens of a person at one party, or with null at all of them; parcels that they address stop.
 * @returns how many there were. Of none nothing is logged.
 */
export async function retireTokens(
  vault: Vault,
  call: Call<PlatformCaller>,
  subject: SubjectId,
  party: PartyId | null,
): Promise<number> {
  const { tenant } = call.caller
  return transact(vault, call, async (): Promise<Plan<number>> => {
    const { length: tokens } = await vault.store.listTokensOf(tenant, [subject], party)
    if (tokens === 0) return { changes: [], result: 0 }
    const now = vault.clock.now()
    const whose = party === null ? {} : { party }
    const details = { type: 'tokens.retired', subject, counts: { tokens }, ...whose } as const
    const { append } = record(vault, call.caller, now, details)
    return {
      changes: [
        expectCaller(call.caller),
        { type: 'tokens.retire', subject, party, expected: tokens, at: now },
        append,
      ],
      result: tokens,
    }
  })
}
