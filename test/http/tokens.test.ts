import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DAY_MS } from '../../src/core/time.ts'
import { anId, expectProblem } from './expectations.ts'
import { PERSON, openWorld } from './world.ts'
import type { Customer, World } from './world.ts'

let world: World
let customer: Customer
beforeAll(async () => {
  world = await openWorld()
  customer = await world.addCustomer('u-1')
})
afterAll(() => world.close())

const NOBODYS = 'tok_00000000000000000000000000'

function ask(path: string, items: readonly object[], credential = world.shop.credential) {
  return world.call(credential, path, { body: { items } })
}

describe('mask', () => {
  test('a masked value hides what GB/T 41833 wants hidden, costs nothing, and says which field it is', async () => {
    const { name, phone, email, address } = customer.tokens
    const items = [name, phone, email, address].map((token, n) => ({ key: String(n), token }))
    const { status, body } = await ask('/v1/mask', items)
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        items: [
          { key: '0', status: 'ok', field: 'name', masked: expect.stringContaining('*') },
          { key: '1', status: 'ok', field: 'phone', masked: expect.stringContaining('******') },
          { key: '2', status: 'ok', field: 'email', masked: expect.stringContaining('*') },
          { key: '3', status: 'ok', field: 'address', masked: expect.objectContaining({ country: 'CN' }) },
        ],
      },
    })
    for (const plain of [PERSON.name, PERSON.phone, PERSON.email, PERSON.address.line1]) {
      expect(JSON.stringify(body)).not.toContain(plain)
    }
  })

  test('an unknown token, a malformed one and another shop’s are one answer', async () => {
    const theirs = await world.addCustomer('u-2', PERSON, world.otherShop)
    const tokens = [NOBODYS, '', 'tok_', customer.subject, theirs.tokens.name]
    const { body } = await ask(
      '/v1/mask',
      tokens.map((token, n) => ({ key: String(n), token })),
    )
    expect(body.items).toEqual(
      tokens.map((_, n) => ({ key: String(n), status: 'denied', code: 'token_unknown' })),
    )
  })
})

describe('validate', () => {
  test('tells live, expired, retired, stale and unknown apart', async () => {
    const own = await world.addParty('merchant', 'Validates')
    const bring = (ref: string) => world.addCustomer(ref, PERSON, own)
    const [old, stale, retired] = [await bring('v-1'), await bring('v-2'), await bring('v-3')]
    world.pass(90 * DAY_MS)
    const fresh = await bring('v-4')
    const patch = { person: { email: null } }
    await world.ok(world.platform, `/v1/subjects/${fresh.subject}`, patch, 'PATCH')
    await world.ok(world.platform, `/v1/subjects/${retired.subject}`, undefined, 'DELETE')
    const items = [
      { key: 'live', token: fresh.tokens.name },
      { key: 'stale', token: fresh.tokens.email },
      { key: 'expired', token: old.tokens.name },
      { key: 'retired', token: retired.tokens.name },
      { key: 'unknown', token: 'x' },
      { key: 'expired2', token: stale.tokens.name },
    ]
    const { body } = await ask('/v1/validate', items, own.credential)
    world.pass(-90 * DAY_MS)
    expect(body.items.map(({ status }: { status: string }) => status)).toEqual([
      'live',
      'stale',
      'expired',
      'retired',
      'unknown',
      'expired',
    ])
  })

  test('a key that stands twice is answered once', async () => {
    const item = { key: 'k', token: customer.tokens.name }
    expect((await ask('/v1/validate', [item, item])).body).toEqual({
      items: [
        { key: 'k', status: 'live' },
        { key: 'k', status: 'error', code: 'key_repeated' },
      ],
    })
  })

  test('a batch holds 1 to 100 items', async () => {
    const items = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ key: `k${n}`, token: NOBODYS }))
    expectProblem(await ask('/v1/validate', items(0)), 'invalid_request', [
      { pointer: '/items', code: 'too_few' },
    ])
    expectProblem(await ask('/v1/validate', items(101)), 'invalid_request', [
      { pointer: '/items', code: 'too_many' },
    ])
    expect((await ask('/v1/validate', items(1))).body.items).toHaveLength(1)
    expect((await ask('/v1/validate', items(100))).body.items).toHaveLength(100)
  })
})

describe('group', () => {
  test('tokens of one value stand together, across persons; what is not live is left out', async () => {
    const own = await world.addParty('merchant', 'Groups')
    const one = await world.addCustomer('g-1', PERSON, own)
    const two = await world.addCustomer('g-2', { ...PERSON, name: '李雷' }, own)
    const items = [
      { key: 'a', token: one.tokens.phone },
      { key: 'b', token: one.tokens.name },
      { key: 'c', token: two.tokens.phone },
      { key: 'd', token: NOBODYS },
      { key: 'e', token: two.tokens.name },
      { key: 'a', token: two.tokens.name },
    ]
    expect((await ask('/v1/group', items, own.credential)).body).toEqual({
      groups: [['a', 'c'], ['b'], ['e']],
    })
  })
})

describe('search', () => {
  const search = (body: object, credential = world.shop.credential) =>
    world.call(credential, '/v1/search', { body })

  test('finds my tokens and orders by phone, by e-mail, and by the last four digits with an order', async () => {
    const { name, phone, address } = customer.tokens
    const shipment = await world.ship({ ...customer.tokens, name, phone, address }, 'SO-77')
    const order = {
      order_ref: 'SO-77',
      shipment: shipment.id,
      waybill: shipment.waybill,
      stage: 'created',
      created_at: '2026-11-23T12:00:00.000Z',
    }
    const expected = { items: [{ tokens: customer.tokens, orders: [order] }] }
    const purpose = 'after_sale'
    expect((await search({ purpose, phone: PERSON.phone })).body).toEqual(expected)
    expect((await search({ purpose, email: 'XM.Wang@example.com' })).body).toEqual(expected)
    expect((await search({ purpose, phone_last4: '5678', order_ref: 'SO-77' })).body).toEqual(expected)
    expect((await search({ purpose, phone_last4: '0000', order_ref: 'SO-77' })).body).toEqual({ items: [] })
    expect((await search({ purpose, phone_last4: '5678', order_ref: 'SO-78' })).body).toEqual({ items: [] })
    expect((await search({ purpose, phone: PERSON.phone }, world.platform)).body.items[0].subject).toEqual(
      anId('sub'),
    )
  })

  test('one shop finds nothing of another’s, and nothing older than 90 days', async () => {
    const alone = await world.addParty('merchant', 'Alone')
    expect((await search({ purpose: 'order', phone: PERSON.phone }, alone.credential)).body).toEqual({
      items: [],
    })
    world.pass(91 * DAY_MS)
    const late = await search({ purpose: 'order', phone: PERSON.phone, since: '2026-01-01T00:00:00Z' })
    world.pass(-91 * DAY_MS)
    expect(late.body).toEqual({ items: [] })
  })

  test('exactly one thing is looked for, for a purpose that allows it', async () => {
    const purpose = 'order'
    const oneTerm = [{ pointer: '', code: 'one_term_required' }]
    expectProblem(await search({ purpose }), 'invalid_request', oneTerm)
    expectProblem(
      await search({ purpose, phone: '+8613812345678', email: 'a@example.com' }),
      'invalid_request',
      oneTerm,
    )
    expectProblem(await search({ purpose, phone_last4: '5678' }), 'invalid_request', oneTerm)
    expectProblem(await search({ phone: '+8613812345678' }), 'purpose_required')
    expectProblem(await search({ purpose: 'delivery', phone: '+8613812345678' }), 'invalid_request', [
      { pointer: '/purpose', code: 'purpose_not_allowed' },
    ])
    const since = await search({ purpose, phone: '+8613812345678', since: 'yesterday' })
    expectProblem(since, 'invalid_request', [{ pointer: '/since', code: 'invalid' }])
  })
})
