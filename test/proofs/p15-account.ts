import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts'
import { setQuotaPerDay } from '../../src/vault/principals/tenants.ts'
import type { World, openWorld } from '../http/world.ts'
import { bringIn, explain, reveal, tally } from './p15-reveals.ts'
import type { Given, Item } from './p15-reveals.ts'
import { TENANT } from './service-process.ts'

// What is paid for and what is not, one call after the other: to the item and to the millisecond. Each world starts at
// noon UTC.

type Told = readonly (readonly [what: string, is: unknown, has: unknown])[]

/** @param open a fresh service for each case. */
export async function keepAccount(
  open: () => ReturnType<typeof openWorld>,
): Promise<{ cases: number; failures: string[] }> {
  const failures: string[] = []
  for (const [name, check] of Object.entries(CASES)) {
    const world = await open()
    for (const [what, is, has] of await check(new Account(world))) {
      if (JSON.stringify(is) !== JSON.stringify(has))
        failures.push(`${name}: ${what}: ${JSON.stringify(is)}, has to be ${JSON.stringify(has)}`)
    }
    await world.close()
  }
  return { cases: Object.keys(CASES).length, failures }
}

/** One shop's reveals, each answer checked for whether it explains itself. */
class Account {
  readonly world: World

  constructor(world: World) {
    this.world = world
  }

  async reveal(items: readonly Item[], options: Parameters<typeof reveal>[2] = {}): Promise<Given> {
    const answer = await reveal(this.world, items, options)
    const wrong = answer.status === 200 ? explain(this.world, answer) : [answer.text]
    if (wrong.length > 0) throw new Error(wrong.join('; '))
    return answer.body as Given
  }

  /** What one look at the items costs, and what is left after it. */
  async cost(items: readonly Item[], options: Parameters<typeof reveal>[2] = {}): Promise<number> {
    return (await this.reveal(items, options)).quota.cost
  }

  limit(perDay: number | undefined): Promise<void> {
    return setQuotaPerDay(this.world.vault, TENANT, perDay)
  }

  /** As many parcels from the shop with the courier, today. */
  async ship(count: number): Promise<void> {
    const { tokens } = await this.world.addCustomer('u-parcels')
    await Promise.all(Array.from({ length: count }, (_, i) => this.world.ship(tokens, `SO-${i}`)))
  }
}

const CASES: Readonly<Record<string, (account: Account) => Promise<Told>>> = {
  async 'the same item within the hour costs nothing more'(account) {
    const [item] = await bringIn(account.world, 1)
    const costs: number[] = []
    for (const pass of [0, HOUR_MS - 1, 1, 1, HOUR_MS, 1]) {
      account.world.pass(pass)
      costs.push(await account.cost([item!]))
    }
    // A free look does not move the hour: it counts from what was paid.
    return [
      ['at 0, 1 h − 1 ms, 1 h, 1 h + 1 ms, and an hour on from there: 0, + 1 ms', costs, [1, 0, 0, 1, 0, 1]],
    ]
  },

  async 'the day begins at midnight UTC'(account) {
    await account.limit(3)
    const items = await bringIn(account.world, 5)
    account.world.pass(12 * HOUR_MS - 1)
    const before = await account.reveal(items.slice(0, 4))
    account.world.pass(1)
    const after = await account.reveal(items.slice(3, 5))
    const paid = await account.reveal(items.slice(0, 1))
    return [
      ['1 ms before', tally([before]), { ok: 3, quota_exhausted: 1 }],
      ['at midnight', [tally([after]), after.quota.remaining], [{ ok: 2 }, 1]],
      ['what was paid for before stays paid for', [paid.quota.cost, paid.quota.remaining], [0, 1]],
    ]
  },

  async 'a purpose is paid for by itself'(account) {
    const [item] = await bringIn(account.world, 1)
    const purposes = ['customer_service', 'after_sale', 'customer_service', 'after_sale']
    const costs: number[] = []
    for (const purpose of purposes) costs.push(await account.cost([item!], { purpose }))
    return [['two purposes, twice', costs, [1, 1, 0, 0]]]
  },

  async 'a batch that crosses the limit is allowed up to it, in its order'(account) {
    await account.limit(150)
    const items = await bringIn(account.world, 200)
    const first = await account.reveal(items.slice(0, 100))
    const second = await account.reveal(items.slice(100))
    const statuses = second.items.map(({ status, code }) => code ?? status)
    const again = await account.reveal(items.slice(100))
    return [
      ['the first', [tally([first]), first.quota.remaining], [{ ok: 100 }, 50]],
      [
        'the second',
        statuses,
        [...Array<string>(50).fill('ok'), ...Array<string>(50).fill('quota_exhausted')],
      ],
      ['its cost', [second.quota.cost, second.quota.remaining], [50, 0]],
      [
        'what was paid for is still shown',
        [tally([again]), again.quota.cost],
        [{ ok: 50, quota_exhausted: 50 }, 0],
      ],
    ]
  },

  async 'an item is paid for once however often a call names it'(account) {
    const [item] = await bringIn(account.world, 1)
    const twice = await account.reveal([
      { ...item!, key: 'a' },
      { ...item!, key: 'b' },
    ])
    const repeated = await account.reveal([item!, item!], { purpose: 'after_sale' })
    return [
      ['under two keys', [tally([twice]), twice.quota.cost], [{ ok: 2 }, 1]],
      ['under one key', [tally([repeated]), repeated.quota.cost], [{ ok: 1, key_repeated: 1 }, 1]],
    ]
  },

  async 'what is denied costs nothing and takes no use'(account) {
    const { world } = account
    const { subject, tokens } = await world.addCustomer('u-1')
    const until = '2099-01-01T00:00:00Z'
    const of = {
      subject,
      party: world.shop.id,
      purpose: 'legal',
      fields: { phone: 'full' },
      basis: 'consent',
      until,
    }
    await world.ok(world.platform, '/v1/grants', { ...of, uses_max: 2 })
    await account.limit(0)
    const phone = { key: 'a', token: tokens.phone, order_ref: 'SO-1' }
    const withoutQuota = await account.reveal([phone], { purpose: 'legal' })
    await account.limit(10)
    const three = await account.reveal(
      ['a', 'b', 'c'].map((key) => ({ ...phone, key })),
      { purpose: 'legal' },
    )
    const unknown = await account.reveal([{ ...phone, token: `tok_${'0'.repeat(26)}` }], { purpose: 'legal' })
    return [
      ['no quota', [tally([withoutQuota]), withoutQuota.quota.cost], [{ quota_exhausted: 1 }, 0]],
      ['then both uses', [tally([three]), three.quota.cost], [{ ok: 2, grant_exhausted: 1 }, 1]],
      ['an unknown token', [tally([unknown]), unknown.quota.remaining], [{ token_unknown: 1 }, 9]],
    ]
  },

  async 'the limit follows the parcels of seven days'(account) {
    const { world } = account
    const [item] = await bringIn(world, 1)
    const limits: number[] = []
    const look = async () => limits.push((await account.reveal([item!])).quota.limit)
    await look()
    await account.ship(333)
    await look()
    await account.ship(1)
    await look()
    const byCourier = await account.reveal([{ key: 'a', waybill: 'nobody’s' }], {
      by: world.courier,
      purpose: 'delivery',
    })
    world.pass(6 * DAY_MS)
    await look()
    world.pass(12 * HOUR_MS - 1)
    await look()
    world.pass(1)
    await look()
    return [
      [
        '0, 333, 334 parcels; then 6 days on, to the end of that day, and 1 ms',
        limits,
        [1_000, 1_000, 1_002, 1_002, 1_002, 1_000],
      ],
      ["the courier's", byCourier.quota.limit, 1_002],
    ]
  },

  async 'a tenant sets its own limit'(account) {
    const items = await bringIn(account.world, 12)
    const seen: unknown[] = []
    for (const [perDay, item] of [
      [10, 0],
      [1, 1],
      [12, 2],
      [undefined, 3],
    ] as const) {
      await account.limit(perDay)
      const { items: answers, quota } = await account.reveal([items[item]!])
      seen.push([quota.limit, answers[0]?.code ?? answers[0]?.status, quota.remaining])
    }
    return [
      [
        '10, then lowered to what is used, then raised, then none',
        seen,
        [
          [10, 'ok', 9],
          [1, 'quota_exhausted', 0],
          [12, 'ok', 10],
          [1_000, 'ok', 997],
        ],
      ],
    ]
  },

  async 'shops pay by themselves'(account) {
    const { world } = account
    await account.limit(1)
    const [own] = await bringIn(world, 1)
    const [others] = await bringIn(world, 1, world.otherShop)
    const first = await account.reveal([own!])
    const second = await account.reveal([others!], { by: world.otherShop })
    return [['both', tally([first, second]), { ok: 2 }]]
  },

  async 'searches at once are allowed up to the limit'(account) {
    const { world } = account
    await account.limit(10)
    const body = { purpose: 'order', phone: '+8613812345678' }
    const search = () => world.call(world.shop.credential, '/v1/search', { body })
    const statuses = (await Promise.all(Array.from({ length: 50 }, search))).map(({ status }) => status)
    const counted = [200, 429].map((status) => statuses.filter((given) => given === status).length)
    const [item] = await bringIn(world, 1)
    const { items } = await account.reveal([item!])
    return [
      ['answered 200 and 429', counted, [10, 40]],
      ['a reveal then', items[0]?.code, 'quota_exhausted'],
    ]
  },

  async 'a search beyond the limit says when to come back'(account) {
    const { world } = account
    await account.limit(1)
    await world.addCustomer('u-1')
    world.pass(12 * HOUR_MS - MINUTE_MS)
    const search = () =>
      world.call(world.shop.credential, '/v1/search', { body: { purpose: 'order', phone: '+8613812345678' } })
    const [allowed, refused] = [await search(), await search()]
    return [
      ['the first', allowed.status, 200],
      ['the second', [refused.status, refused.body.code], [429, 'quota_exhausted']],
      ['seconds to midnight', refused.headers.get('retry-after'), '60'],
    ]
  },
}
