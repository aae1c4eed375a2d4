import type { PartyId, SubjectId, TenantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { Change } from '../changes.ts'
import type { VaultStore } from '../store.ts'

/** What retires the live tokens of a person, and what its event says. */
export type Retirement = {
  /** How many there are, at least one. */
  tokens: number
  change: Change & { type: 'tokens.retire' }
  details: {
    type: 'tokens.retired'
    subject: SubjectId
    counts: { tokens: number }
    party?: PartyId
  }
}

/**
 * Of a person's live tokens at one party, or with null at all of them.
 * @returns undefined if there are none.
 */
export async function findRetirement(
  store: VaultStore,
  tenant: TenantId,
  subject: SubjectId,
  party: PartyId | null,
  at: Instant,
): Promise<Retirement | undefined> {
  const { length: tokens } = await store.listTokensOf(tenant, [subject], party)
  if (tokens === 0) return undefined
  return {
    tokens,
    change: { type: 'tokens.retire', subject, party, expected: tokens, at },
    details: { type: 'tokens.retired', subject, counts: { tokens }, ...(party !== null && { party }) },
  }
}
