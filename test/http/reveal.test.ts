import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { VaultError } from '../../src/core/errors.ts'
import { parseTenantId } from '../../src/core/id.ts'
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts'
import { setQuotaPerDay } from '../../src/vault/principals/tenants.ts'
import { anId, expectProblem } from './expectations.ts'
import type { Answered } from './harness.ts'
import { PERSON, TO_THE_DOOR, openWorld } from './world.ts'
import type { Customer, World } from './world.ts'

let world: World
let customer: Customer
beforeAll(async () => {
  world = await openWorld()
  customer = await world.addCustomer('u-1')
})
afterAll(() => world.close())

const OPERATOR = { id: 'emp-17', device: 'hh-0042' }

type Ask = {
  items: readonly object[]
  purpose?: string
  credential?: string
  headers?: Record<string, string>
}

function reveal({
  items,
  purpose = 'delivery',
  credential = world.courier.credential,
  headers = {},
}: Ask): Promise<Answered> {
  return world.call(credential, '/v1/reveal', { body: { purpose, operator: OPERATOR, items }, headers })
}

async function parcel(...stages: string[]) {
  const shipment = await world.ship(customer.tokens, 'SO-1')
  await world.move(shipment.id, ...stages)
  return shipment
}

/** What one waybill's item says, without its event. */
async function itemOf(waybill: string): Promise<object> {
  const { event, ...item } = (await reveal({ items: [{ key: 'a', waybill }] })).body.items[0]
  expect(event).toEqual(anId('evt'))
  return item
}

const denied = (code: string) => ({ key: 'a', status: 'denied', code })

describe('reveal by waybill', () => {
  test('at the door a courier sees a surname, the phone and the address; the answer says what it cost', async () => {
    const { waybill } = await parcel(...TO_THE_DOOR)
    const answer = await reveal({ items: [{ key: 'a', waybill }] })
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 200,
      body: {
        items: [
          {
            key: 'a',
            status: 'ok',
            event: anId('evt'),
            fields: {
              name: {
                view: 'surname',
                value: '王**',
              },
              phone: {
                view: 'full',
                value: PERSON.phone,
              },
              address: {
                view: 'full',
                value: PERSON.address,
              },
            },
          },
        ],
        quota: { limit: 1000, remaining: 999, cost: 1, resets_at: '2026-11-24T00:00:00.000Z' },
      },
    })
    expect(answer.headers.get('ratelimit-policy')).toBe('"day";q=1000;w=86400')
    expect(answer.headers.get('ratelimit')).toBe('"day";r=999;t=43200')
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test('each leg shows what it needs; what the stage holds back says so', async () => {
    const { id, waybill } = await parcel()
    const early = { view: 'none', reason: 'stage' }
    const city = { view: 'city', value: { country: 'CN', province: '广东省', city: '深圳市' } }
    const created = {
      key: 'a',
      status: 'ok',
      fields: { name: { view: 'masked', value: '王**' }, phone: early, address: city },
    }
    expect(await itemOf(waybill)).toEqual(created)
    await world.move(id, 'picked_up')
    expect(await itemOf(waybill)).toEqual(created)
    await world.move(id, 'in_transit')
    expect(await itemOf(waybill)).toMatchObject({ fields: { phone: early, address: { view: 'district' } } })
    await world.move(id, 'at_station')
    expect(await itemOf(waybill)).toMatchObject({
      fields: { name: { view: 'masked' }, phone: { view: 'masked' }, address: { view: 'street' } },
    })
  })

  test('48 hours after the hand-over, or once the journey is over, nothing is shown', async () => {
    const { id, waybill } = await parcel('picked_up', 'delivered')
    expect(await itemOf(waybill)).toMatchObject({ status: 'ok', fields: { phone: { view: 'masked' } } })
    world.pass(2 * DAY_MS - 1)
    expect(await itemOf(waybill)).toMatchObject({ status: 'ok' })
    world.pass(1)
    expect(await itemOf(waybill)).toEqual(denied('shipment_closed'))
    world.pass(-2 * DAY_MS)
    await world.move(id, 'closed')
    expect(await itemOf(waybill)).toEqual(denied('shipment_closed'))
  })

  test('a parcel that is not mine, a malformed waybill and one that never was are one answer', async () => {
    const { waybill } = await parcel(...TO_THE_DOOR)
    const items = [waybill, 'wb_00000000000000000000000000', 'x', ''].map((one, n) => ({
      key: `k${n}`,
      waybill: one,
    }))
    for (const credential of [world.otherCourier.credential, world.shop.credential]) {
      const { body } = await reveal({ items, credential })
      expect(body.items).toEqual(
        items.map(({ key }) => ({ key, status: 'denied', code: 'token_unknown', event: anId('evt') })),
      )
      expect(body.quota.cost).toBe(0)
    }
  })

  test('a revoked grant denies the next request', async () => {
    const { waybill, grant } = await parcel(...TO_THE_DOOR)
    expect(await itemOf(waybill)).toMatchObject({ status: 'ok' })
    await world.ok(world.platform, `/v1/grants/${grant}/revoke`, { reason: 'asked to' })
    expect(await itemOf(waybill)).toEqual(denied('grant_revoked'))
  })

  test('a delivery grant lives 60 days; when the clock is set back it lives again', async () => {
    const { waybill } = await parcel(...TO_THE_DOOR)
    world.pass(60 * DAY_MS)
    expect(await itemOf(waybill)).toEqual(denied('grant_expired'))
    world.pass(-60 * DAY_MS)
    expect(await itemOf(waybill)).toMatchObject({ status: 'ok' })
  })

  test('a purpose that the grant is not for is denied', async () => {
    const { waybill } = await parcel(...TO_THE_DOOR)
    const { body } = await reveal({ items: [{ key: 'a', waybill }], purpose: 'legal' })
    expect(body.items[0]).toMatchObject(denied('purpose_not_allowed'))
  })
})

describe('reveal by token', () => {
  test('a shop sees masked values of its own orders, and nothing without the order', async () => {
    const { phone } = customer.tokens
    const items = [
      { key: 'a', token: phone, order_ref: 'SO-1' },
      { key: 'b', token: phone },
      { key: 'c', token: phone, order_ref: 'SO-1', fields: ['phone', 'email'] },
    ]
    const { body } = await reveal({ items, purpose: 'customer_service', credential: world.shop.credential })
    expect(body.items).toEqual([
      {
        key: 'a',
        status: 'ok',
        event: anId('evt'),
        fields: {
          phone: {
            view: 'masked',
            value: expect.stringContaining('******'),
          },
        },
      },
      { key: 'b', status: 'denied', code: 'context_required', event: anId('evt') },
      {
        key: 'c',
        status: 'ok',
        event: anId('evt'),
        fields: {
          phone: expect.objectContaining({ view: 'masked' }),
          email: {
            view: 'none',
            reason: 'token',
          },
        },
      },
    ])
  })

  test('a grant of two uses is used twice', async () => {
    const { subject, tokens } = await world.addCustomer('uses-1')
    const until = '2026-12-31T00:00:00Z'
    const grant = {
      subject,
      party: world.shop.id,
      purpose: 'legal',
      fields: { phone: 'full' },
      basis: 'consent',
      until,
    }
    await world.ok(world.platform, '/v1/grants', { ...grant, uses_max: 2 })
    const items = ['1', '2', '3'].map((key) => ({ key, token: tokens.phone, order_ref: 'SO-1' }))
    const { body } = await reveal({ items, purpose: 'legal', credential: world.shop.credential })
    expect(body.items.map(({ status, code }: { status: string; code?: string }) => code ?? status)).toEqual([
      'ok',
      'ok',
      'grant_exhausted',
    ])
    expect(body.items[0].fields).toEqual({ phone: { view: 'full', value: PERSON.phone } })
  })
})

describe('quota', () => {
  test('the same item within the hour costs nothing more, and afterwards once more', async () => {
    const { waybill } = await parcel(...TO_THE_DOOR)
    const cost = async () => (await reveal({ items: [{ key: 'a', waybill }] })).body.quota.cost
    expect([await cost(), await cost()]).toEqual([1, 0])
    world.pass(HOUR_MS)
    expect(await cost()).toBe(0)
    world.pass(1)
    expect(await cost()).toBe(1)
    world.pass(-HOUR_MS - 1)
  })
})

describe('quota of a day', () => {
  test('what is used up denies single items of a reveal, and a whole search with when to come back', async () => {
    const { waybill } = await parcel(...TO_THE_DOOR)
    const second = await parcel(...TO_THE_DOOR)
    const tenant = parseTenantId('default')!
    const shop = await world.addParty('merchant', 'Frugal')
    await setQuotaPerDay(world.vault, tenant, 0)
    const items = [waybill, second.waybill].map((one, n) => ({ key: `k${n}`, waybill: one }))
    const own = await reveal({ items })
    const body = { purpose: 'order', phone: PERSON.phone }
    const search = await world.call(shop.credential, '/v1/search', { body })
    await setQuotaPerDay(world.vault, tenant, undefined)
    expect(own.body.items).toEqual(
      items.map(({ key }) => ({ key, status: 'denied', code: 'quota_exhausted', event: anId('evt') })),
    )
    expect(own.headers.get('ratelimit')).toBe('"day";r=0;t=43200')
    expectProblem(search, 'quota_exhausted')
    expect(search.headers.get('retry-after')).toBe('43200')
  })
})

describe('log before reveal', () => {
  test('when the log cannot be written the answer is 503 and holds nothing of the person', async () => {
    const { waybill } = await parcel(...TO_THE_DOOR)
    const full = new VaultError('log_unavailable', 'The log cannot be written now.', { retryAfterS: 5 })
    vi.spyOn(world.store, 'commit').mockRejectedValueOnce(full)
    const answer = await reveal({ items: [{ key: 'a', waybill }] })
    expectProblem(answer, 'log_unavailable')
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(await itemOf(waybill)).toMatchObject({ status: 'ok' })
  })

  test('a revocation that is acknowledged between the decision and its commit wins', async () => {
    const { waybill, grant } = await parcel(...TO_THE_DOOR)
    const commit = world.store.commit.bind(world.store)
    const spy = vi.spyOn(world.store, 'commit').mockImplementationOnce(async (tenant, changes) => {
      spy.mockRestore()
      await world.ok(world.platform, `/v1/grants/${grant}/revoke`, { reason: 'r' })
      return commit(tenant, changes)
    })
    expect(await itemOf(waybill)).toEqual(denied('grant_revoked'))
  })
})

describe('the call as a whole', () => {
  const call = (body: unknown) => world.call(world.courier.credential, '/v1/reveal', { body })
  const items = [{ key: 'a', waybill: 'x' }]

  test('a call without a purpose of the closed list, or without an operator, is refused whole', async () => {
    expectProblem(await call({ operator: OPERATOR, items }), 'purpose_required')
    expectProblem(await call({ purpose: 'curiosity', operator: OPERATOR, items }), 'purpose_required')
    expectProblem(await call({}), 'purpose_required')
    expectProblem(await call({ purpose: 'delivery', items }), 'operator_required')
    expectProblem(await call({ purpose: 'delivery', operator: {}, items }), 'operator_required')
    expectProblem(await call({ purpose: 'delivery', operator: { id: 'a b' }, items }), 'invalid_request', [
      { pointer: '/operator/id', code: 'invalid' },
    ])
  })

  test('an item is a waybill, or a token with what it is wanted for', async () => {
    const item = (one: object) => call({ purpose: 'delivery', operator: OPERATOR, items: [one] })
    const form = [{ pointer: '/items/0', code: 'waybill_or_token_required' }]
    expectProblem(await item({ key: 'a' }), 'invalid_request', form)
    expectProblem(await item({ key: 'a', waybill: 'x', token: 'y' }), 'invalid_request', form)
    expectProblem(await item({ key: 'a', waybill: 'x', order_ref: 'SO-1' }), 'invalid_request', form)
    expectProblem(await item({ key: 'a', token: 'x', fields: ['shoe'] }), 'invalid_request', [
      { pointer: '/items/0/fields/0', code: 'invalid' },
    ])
    expectProblem(await item({ key: 'a', waybill: 'x', phone: '1' }), 'invalid_request', [
      { pointer: '/items/0', code: 'unknown_field' },
    ])
  })

  test('a batch holds 1 to 100 items, answered in the order they came, a repeated key once', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => ({ key: `k${n}`, waybill: 'x' }))
    const ask = (count: number) => reveal({ items: many(count) })
    expectProblem(await ask(0), 'invalid_request', [{ pointer: '/items', code: 'too_few' }])
    expectProblem(await ask(101), 'invalid_request', [{ pointer: '/items', code: 'too_many' }])
    expect((await ask(100)).body.items.map(({ key }: { key: string }) => key)).toEqual(
      many(100).map(({ key }) => key),
    )
    const { body } = await reveal({ items: [many(1)[0]!, many(1)[0]!] })
    expect(body.items[1]).toEqual({ key: 'k0', status: 'error', code: 'key_repeated' })
  })
})
