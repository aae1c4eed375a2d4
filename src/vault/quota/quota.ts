import type { PartyId, TenantId, Token, Waybill } from '../../core/id.ts'
import type { Purpose } from '../../core/purpose.ts'
import { DAY_MS, HOUR_MS, after, endOfUtcDay, utcDay } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { TenantSettings } from '../principals/principal.ts'
import type { Vault } from '../vault.ts'

/** Every party may do this much a day without having moved a parcel. */
const BASE_LIMIT = 1_000
/** Three looks at each parcel of the last seven days: scan, call, deliver. */
const LOOKS_PER_PARCEL = 3

/** The same item for the same party and purpose costs once an hour. */
export const PAID_FOR_MS = HOUR_MS

/** A party's day so far. `remaining` is never below 0. */
export type Quota = { limit: number; used: number; remaining: number; resetsAt: Instant; day: string }

export function quotaLimit(settings: TenantSettings, parcelsLast7Days: number): number {
  return settings.quotaPerDay ?? Math.max(BASE_LIMIT, LOOKS_PER_PARCEL * parcelsLast7Days)
}

export async function readQuota(
  vault: Vault,
  tenant: TenantId,
  party: PartyId,
  now: Instant,
): Promise<Quota> {
  const day = utcDay(now)
  const [row, state] = await Promise.all([
    vault.store.readQuota(tenant, party, day, utcDay(after(now, -6 * DAY_MS))),
    vault.store.findTenant(tenant),
  ])
  const limit = quotaLimit(state?.settings ?? {}, row.parcelsLast7Days)
  return { limit, used: row.used, remaining: Math.max(0, limit - row.used), resetsAt: endOfUtcDay(now), day }
}

/** What an item is remembered by for the hour in which it costs nothing more: nothing of a person. */
export type PaidItem = `${Purpose} ${Token | Waybill}`

export function paidItem(purpose: Purpose, target: Token | Waybill): PaidItem {
  return `${purpose} ${target}`
}
