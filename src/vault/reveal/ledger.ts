import type { GrantId } from '../../core/id.ts'
import { after } from '../../core/time.ts'
import type { Change } from '../changes.ts'
import type { Grant } from '../grants/grant.ts'
import { PAID_FOR_MS, paidItem } from '../quota/quota.ts'
import type { PaidItem, Quota } from '../quota/quota.ts'
import type { DenialCode } from './judge.ts'
import { targetOf } from './prepare.ts'
import type { Prepared, RevealSetting } from './prepare.ts'

/** Keeps account of quota and uses over the items of one call: what an earlier item took, a later one cannot. */
export class Ledger {
  readonly #setting: RevealSetting
  readonly #quota: Quota
  readonly #paid: ReadonlySet<string>
  readonly #paidNow = new Set<PaidItem>()
  readonly #used = new Map<GrantId, { grant: Grant; count: number }>()

  constructor(setting: RevealSetting, quota: Quota, paid: ReadonlySet<string>) {
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
    const paying = paidItem(purpose, targetOf(item))
    const free = this.#paid.has(item.key) || this.#paidNow.has(paying)
    if (!free && this.#cost >= this.#quota.remaining) return deny(one, grant, 'quota_exhausted')
    if (!free) this.#paidNow.add(paying)
    this.#used.set(grant.id, { grant, count: count + 1 })
    return one
  }

  changes(): Change[] {
    const { caller, now } = this.#setting
    const party = caller.party.id
    const { day, limit } = this.#quota
    const uses = [...this.#used.values()]
      .filter(({ grant }) => grant.usesMax !== null)
      .flatMap(({ grant, count }) =>
        Array.from({ length: count }, (): Change => ({ type: 'grant.consume', id: grant.id })),
      )
    if (this.#cost === 0) return uses
    const paidBefore = after(now, -PAID_FOR_MS)
    return [
      ...uses,
      { type: 'quota.charge', party, day, limit, cost: this.#cost },
      ...[...this.#paidNow].map((item): Change => ({
        type: 'quota.item_paid',
        party,
        item,
        at: now,
        paidBefore,
      })),
    ]
  }

  after(): Quota & { cost: number } {
    const used = this.#quota.used + this.#cost
    return { ...this.#quota, used, remaining: Math.max(0, this.#quota.limit - used), cost: this.#cost }
  }
}

function deny(one: Prepared, grant: Grant, code: DenialCode): Prepared {
  return { ...one, decision: { allowed: false, code, grant } }
}
