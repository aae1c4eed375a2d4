import type { Purpose } from '../../core/purpose.ts'
import { after } from '../../core/time.ts'
import type { GrantTerms } from '../grants/grant.ts'
import { PAID_FOR_MS, paidItem } from '../quota/quota.ts'
import type { PaidItem } from '../quota/quota.ts'
import type { Prepared, RevealItem, RevealSetting } from './prepare.ts'

/**
 * Whether the grant itself remembers when it was paid for: a parcel's own grant stands for one item and one purpose, and was
 * read anyway. All other payments are rows of their own.
 */
export function paysByGrant(grant: GrantTerms, purpose: Purpose): boolean {
  return grant.shipment !== null && grant.purpose === purpose
}

/** What an item is about, for the hour in which it is paid for. */
export function paidItemOf(item: RevealItem, purpose: Purpose): PaidItem {
  return paidItem(purpose, 'waybill' in item ? item.waybill : item.token)
}

/** Which of the allowed items the party has paid for within the hour, of those that no grant keeps. */
export async function readPaid(
  { vault, caller, purpose, now }: RevealSetting,
  prepared: readonly Prepared[],
): Promise<ReadonlySet<PaidItem>> {
  const items = prepared.flatMap(({ decision, item }) =>
    decision.allowed && !paysByGrant(decision.grant, purpose) ? paidItemOf(item, purpose) : [],
  )
  if (items.length === 0) return new Set()
  const paid = await vault.store.whichPaid(caller.tenant, caller.party.id, items, after(now, -PAID_FOR_MS))
  return new Set(items.filter((_, i) => paid[i]))
}
