import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DAY_MS } from '../../src/core/time.ts'
import { anId, expectProblem } from './expectations.ts'
import { PERSON, openWorld } from './world.ts'
import type { World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const TOKENS = { name: anId('tok'), phone: anId('tok'), email: anId('tok'), address: anId('tok') }

function tokenize(body: object, credential = world.shop.credential) {
  return world.call(credential, '/v1/tokenize', { body })
}

function row(n: number): object {
  return { key: `row-${n}`, external_ref: `bulk-${n}`, person: { email: `p${n}@example.com` } }
}

describe('tokenize', () => {
  test('a new person is created, the same again unchanged, another value updated; the tokens stay', async () => {
    const items = [
      { key: 'row-1', external_ref: 'u-1', locale: 'zh-Hans', jurisdiction: 'CN', person: PERSON },
    ]
    const first = await tokenize({ items })
    expect({ status: first.status, body: first.body }).toEqual({
      status: 200,
      body: { items: [{ key: 'row-1', status: 'created', tokens: TOKENS }] },
    })
    const { tokens } = first.body.items[0]
    expect((await tokenize({ items })).body).toEqual({
      items: [{ key: 'row-1', status: 'unchanged', tokens }],
    })
    const moved = [{ ...items[0], person: { ...PERSON, phone: '+8613912345678' } }]
    expect((await tokenize({ items: moved })).body).toEqual({
      items: [{ key: 'row-1', status: 'updated', tokens }],
    })
  })

  test('a subject is named to the platform only', async () => {
    const items = [{ key: 'k', external_ref: 'u-2', person: { name: 'Example Person' } }]
    const byShop = await tokenize({ items })
    const byPlatform = await tokenize({ party: world.shop.id, items }, world.platform)
    expect(byShop.text).not.toContain('sub_')
    expect(byPlatform.body.items[0].subject).toEqual(anId('sub'))
  })

  test('the platform says whose tokens these are; a shop that names another one is told that there is none', async () => {
    const items = [{ key: 'k', person: { name: 'Example Person' } }]
    expectProblem(await tokenize({ items }, world.platform), 'invalid_request', [
      { pointer: '/party', code: 'required' },
    ])
    expectProblem(await tokenize({ items, party: world.otherShop.id }), 'not_found')
    expectProblem(await tokenize({ items, party: world.courier.id }), 'invalid_request', [
      { pointer: '/party', code: 'invalid' },
    ])
  })

  test('with linkability `week` a token changes with the ISO week, with `party` never, with `order` each time', async () => {
    const own = await world.addParty('merchant', 'Weeks')
    const take = async (linkability: string) => {
      const items = [{ key: 'k', external_ref: 'u', person: { name: 'Example Person' } }]
      return (await tokenize({ linkability, items }, own.credential)).body.items[0].tokens.name
    }
    const before = { week: await take('week'), party: await take('party'), order: await take('order') }
    expect(await take('week')).toBe(before.week)
    expect(await take('order')).not.toBe(before.order)
    world.pass(7 * DAY_MS)
    const after = { week: await take('week'), party: await take('party') }
    world.pass(-7 * DAY_MS)
    expect(after.week).not.toBe(before.week)
    expect(after.party).toBe(before.party)
  })

  test('one row that cannot be taken does not stop the others, and order and keys are kept', async () => {
    const items = [
      { key: 'good', person: { name: 'Example Person' } },
      { key: 'bad', person: { phone: '12', unknown: 1 } },
      { key: 'good', person: { name: 'Example Person' } },
      { key: 'none', person: {} },
      { key: 'text', person: 'x' },
    ]
    const { status, body } = await tokenize({ items })
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        items: [
          { key: 'good', status: 'created', tokens: { name: anId('tok') } },
          {
            key: 'bad',
            status: 'error',
            code: 'person_unknown_field',
            errors: [{ pointer: '/person', code: 'person_unknown_field' }],
          },
          {
            key: 'good',
            status: 'error',
            code: 'key_repeated',
            errors: [{ pointer: '/key', code: 'key_repeated' }],
          },
          {
            key: 'none',
            status: 'error',
            code: 'person_empty',
            errors: [{ pointer: '/person', code: 'person_empty' }],
          },
          {
            key: 'text',
            status: 'error',
            code: 'person_invalid',
            errors: [{ pointer: '/person', code: 'person_invalid' }],
          },
        ],
      },
    })
  })

  test('an atomic batch with one bad row is 422 and stores nothing', async () => {
    const items = [
      { key: 'a', external_ref: 'atomic-1', person: { name: 'Example Person' } },
      { key: 'b', person: { email: 'not an address' } },
    ]
    const answer = await tokenize({ atomic: true, items })
    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({
      code: 'batch_failed',
      errors: [{ pointer: '/items/1/person/email' }],
    })
    const again = await tokenize({ items: [items[0]] })
    expect(again.body.items[0].status).toBe('created')
  })

  test('a batch holds 1 to 1,000 items', async () => {
    const rows = (count: number) => Array.from({ length: count }, (_, n) => row(n))
    expectProblem(await tokenize({ items: [] }), 'invalid_request', [{ pointer: '/items', code: 'too_few' }])
    expectProblem(await tokenize({ items: rows(1001) }), 'invalid_request', [
      { pointer: '/items', code: 'too_many' },
    ])
    const { status, body } = await tokenize({ items: rows(1000) })
    expect({ status, keys: body.items.map(({ key }: { key: string }) => key) }).toEqual({
      status: 200,
      keys: rows(1000).map((_, n) => `row-${n}`),
    })
  })

  test('names that callers make up keep to 1–64 of their alphabet', async () => {
    const item = (more: object) =>
      tokenize({ items: [{ key: 'k', person: { name: 'Example Person' }, ...more }] })
    expect((await item({ external_ref: 'A-Z.a_z:0/9#' + 'x'.repeat(52) })).status).toBe(200)
    for (const bad of ['', 'x'.repeat(65), 'a b', 'ü', 'a\n']) {
      expectProblem(await item({ external_ref: bad }), 'invalid_request', [
        { pointer: '/items/0/external_ref', code: 'invalid' },
      ])
    }
  })
})

describe('subjects', () => {
  test('a correction changes what tokens stand for, and null takes a field away', async () => {
    const { subject, tokens } = await world.addCustomer('fix-1')
    const patch = (person: object) =>
      world.call(world.platform, `/v1/subjects/${subject}`, { method: 'PATCH', body: { person } })
    const answer = await patch({ phone: '+8613900001234', email: null })
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 200,
      body: { subject, status: 'updated' },
    })
    expect((await patch({ phone: '+8613900001234' })).body.status).toBe('unchanged')
    const items = [
      { key: 'p', token: tokens.phone },
      { key: 'e', token: tokens.email },
    ]
    const { body } = await world.ok(world.shop.credential, '/v1/validate', { items })
    expect(body.items).toEqual([
      { key: 'p', status: 'live' },
      { key: 'e', status: 'stale' },
    ])
  })

  test('a correction with anything that cannot be taken changes nothing', async () => {
    const { subject } = await world.addCustomer('fix-2')
    const patch = (person: unknown) =>
      world.call(world.platform, `/v1/subjects/${subject}`, { method: 'PATCH', body: { person } })
    expectProblem(await patch({}), 'invalid_request', [{ pointer: '/person', code: 'person_empty' }])
    expectProblem(await patch('x'), 'invalid_request', [{ pointer: '/person', code: 'wrong_type' }])
    const unknown = [{ pointer: '/person', code: 'person_unknown_field' }]
    expectProblem(await patch({ name: 'Example Person', shoe: null }), 'invalid_request', unknown)
    expect((await patch({ name: '12345', email: 'x' })).status).toBe(400)
    const me = await world.signIn(subject)
    expect((await world.ok(me, '/v1/me')).body.name).toBe(PERSON.name)
  })

  test('an erased person is gone for everybody: the receipt counts what went with them', async () => {
    const { subject, tokens } = await world.addCustomer('gone-1')
    const gone = await world.call(world.platform, `/v1/subjects/${subject}`, { method: 'DELETE' })
    expect({ status: gone.status, body: gone.body }).toEqual({
      status: 200,
      body: {
        erased_at: '2026-11-23T12:00:00.000Z',
        event: anId('evt'),
        tokens_retired: 4,
        grants_revoked: 1,
      },
    })
    expectProblem(
      await world.call(world.platform, `/v1/subjects/${subject}`, { method: 'DELETE' }),
      'not_found',
    )
    const items = [{ key: 'k', token: tokens.name }]
    expect((await world.ok(world.shop.credential, '/v1/mask', { items })).body.items).toEqual([
      { key: 'k', status: 'denied', code: 'subject_erased' },
    ])
    const anew = await world.addCustomer('gone-1')
    expect(anew.subject).not.toBe(subject)
  })
})
