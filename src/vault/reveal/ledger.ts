import type { GrantId } from '../../core/id.ts'
import { after } from '../../core/time.ts'
import type { Change } from '../changes.ts'
import type { GrantTerms } from '../grants/grant.ts'
import { PAID_FOR_MS } from '../quota/quota.ts'
import type { PaidItem, Quota } from '../quota/quota.ts'
import type { DenialCode } from './judge.ts'
import { paidItemOf, paysByGrant } from './payment.ts'
import type { Prepared, RevealSetting } from './prepare.ts'

/** Keeps account of quota and uses over the items of one call: what an earlier item took, a later one cannot. */
export class Ledger {
  readonly #setting: RevealSetting
  readonly #quota: Quota
  readonly #paid: ReadonlySet<PaidItem>
  readonly #paidNow = new Map<PaidItem, Change>()
  readonly #used = new Map<GrantId, { grant: GrantTerms; count: number }>()

  /** @param paid the items that were paid for within the hour, of those that no grant keeps. */
  constructor(setting: RevealSetting, quota: Quota, paid: ReadonlySet<PaidItem>) {
    this.#setting = setting
    this.#quota = quota
    this.#paid = paid
  }

  get #cost(): number {
    return this.#paidNow.size
  }

  /** The item as judged, or denied where the account does not cover it. */
  settle(one: Prepared): Prepared {
    const { decision, item } = one
    const { noted, purpose } = this.#setting
    if (!decision.allowed || noted.has(item.key)) return one
    const { grant } = decision
    const count = this.#used.get(grant.id)?.count ?? 0
    if (grant.usesMax !== null && grant.uses + count >= grant.usesMax)
      return deny(one, grant, 'grant_exhausted')
    const paying = paidItemOf(item, purpose)
    if (!this.#isFree(paying, grant)) {
      if (this.#cost >= this.#quota.remaining) return deny(one, grant, 'quota_exhausted')
      this.#paidNow.set(paying, this.#payment(paying, grant))
    }
    this.#used.set(grant.id, { grant, count: count + 1 })
    return one
  }

  #isFree(paying: PaidItem, grant: GrantTerms): boolean {
    if (this.#paidNow.has(paying)) return true
    const { purpose, now } = this.#setting
    if (!paysByGrant(grant, purpose)) return this.#paid.has(paying)
    return grant.paidAt !== null && grant.paidAt >= after(now, -PAID_FOR_MS)
  }

  #payment(item: PaidItem, grant: GrantTerms): Change {
    const { caller, purpose, now: at } = this.#setting
    const paidBefore = after(at, -PAID_FOR_MS)
    return paysByGrant(grant, purpose)
      ? { type: 'grant.paid', id: grant.id, at, paidBefore }
      : { type: 'quota.item_paid', party: caller.party.id, item, at, paidBefore }
  }

  changes(): Change[] {
    const party = this.#setting.caller.party.id
    const { day, limit } = this.#quota
    const uses = [...this.#used.values()]
      .filter(({ grant }) => grant.usesMax !== null)
      .flatMap(({ grant, count }) =>
        Array.from({ length: count }, (): Change => ({ type: 'grant.consume', id: grant.id })),
      )
    if (this.#cost === 0) return uses
    const charge: Change = { type: 'quota.charge', party, day, limit, cost: this.#cost }
    return [...uses, charge, ...this.#paidNow.values()]
  }

  after(): Quota & { cost: number } {
    const used = this.#quota.used + this.#cost
    return { ...this.#quota, used, remaining: Math.max(0, this.#quota.limit - used), cost: this.#cost }
  }
}

function deny(one: Prepared, grant: GrantTerms, code: DenialCode): Prepared {
  return { ...one, decision: { allowed: false, code, grant } }
}
