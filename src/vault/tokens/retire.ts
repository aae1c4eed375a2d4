import type { PartyId, SubjectId } from '../../core/id.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import { transact } from '../transact.ts'
import type { Call, Plan } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { findRetirement } from './retirement.ts'

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
    const now = vault.clock.now()
    const found = await findRetirement(vault.store, tenant, subject, party, now)
    if (!found) return { changes: [], result: 0 }
    const { append } = record(vault, call.caller, now, found.details)
    return { changes: [expectCaller(call.caller), found.change, append], result: found.tokens }
  })
}
