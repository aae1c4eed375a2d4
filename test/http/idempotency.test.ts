import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DAY_MS } from '../../src/core/time.ts'
import { JOBS } from '../../src/vault/jobs.ts'
import { expectProblem } from './expectations.ts'
import { PERSON, TO_THE_DOOR, openWorld } from './world.ts'
import type { World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

function create(key: string, body: unknown, credential = world.platform) {
  return world.call(credential, '/v1/parties', { body, headers: { 'idempotency-key': key } })
}

async function runJobs(): Promise<void> {
  for (const job of JOBS) await job.run(world.vault)
}

const NEW = { kind: 'merchant', name: 'Once' }

async function countEvents(type: string): Promise<number> {
  let count = 0
  for (let cursor = ''; ;) {
    const { body } = await world.ok(world.platform, `/v1/events?limit=100${cursor && `&cursor=${cursor}`}`)
    count += body.items.filter((event: { type: string }) => event.type === type).length
    if (body.next_cursor === null) return count
    cursor = body.next_cursor
  }
}

describe('Idempotency-Key', () => {
  test('a repetition is given the first answer, and nothing happens twice', async () => {
    const first = await create('k-1', NEW)
    const before = await countEvents('party.created')
    const again = await create('k-1', NEW)
    expect({ status: again.status, body: again.body }).toEqual({ status: 201, body: first.body })
    expect(await countEvents('party.created')).toBe(before)
  })

  test('a repetition of issuing a credential gives the same secret; of a session the same token', async () => {
    const { subject } = await world.addCustomer('idem-1')
    const headers = { 'idempotency-key': 'k-2' }
    const issue = () =>
      world.call(world.platform, `/v1/parties/${world.shop.id}/credentials`, {
        body: { label: 'l' },
        headers,
      })
    expect((await issue()).body).toEqual((await issue()).body)
    const open = () =>
      world.call(world.platform, `/v1/subjects/${subject}/sessions`, {
        method: 'POST',
        headers: { 'idempotency-key': 'k-2s' },
      })
    expect((await open()).body).toEqual((await open()).body)
  })

  test('the same key with another body, or on another path, is 422', async () => {
    await create('k-3', NEW)
    expectProblem(await create('k-3', { ...NEW, name: 'Twice' }), 'idempotency_key_reused')
    const path = `/v1/parties/${world.shop.id}/credentials`
    const other = await world.call(world.platform, path, {
      body: { label: 'l' },
      headers: { 'idempotency-key': 'k-3' },
    })
    expectProblem(other, 'idempotency_key_reused')
  })

  test('of twenty at once one has its effect; the others are told to wait or given its answer', async () => {
    const before = await countEvents('party.created')
    const answers = await Promise.all(Array.from({ length: 20 }, () => create('k-4', NEW)))
    for (const answer of answers) {
      if (answer.status === 201) continue
      expectProblem(answer, 'idempotency_in_flight')
      expect(answer.headers.get('retry-after')).toBe('1')
    }
    const ids = new Set(answers.flatMap(({ status, body }) => (status === 201 ? [body.id] : [])))
    expect(ids.size).toBe(1)
    expect(await countEvents('party.created')).toBe(before + 1)
  })

  test('failures are not kept: the corrected request goes through under the same key', async () => {
    expectProblem(await create('k-5', { ...NEW, kind: 'bank' }), 'invalid_request', [
      { pointer: '/kind', code: 'invalid' },
    ])
    expect((await create('k-5', NEW)).status).toBe(201)
  })

  test('an answer is kept for 24 hours; once what ran out is pruned, the key is new', async () => {
    const first = await create('k-6', NEW)
    world.pass(DAY_MS)
    await runJobs()
    expect((await create('k-6', NEW)).body).toEqual(first.body)
    world.pass(1)
    await runJobs()
    const next = await create('k-6', NEW)
    world.pass(-DAY_MS - 1)
    expect(next.status).toBe(201)
    expect(next.body.id).not.toBe(first.body.id)
  })

  test('one caller’s key says nothing to another', async () => {
    const items = [{ key: 'k', external_ref: 'idem-2', person: PERSON }]
    const take = (credential: string) =>
      world.call(credential, '/v1/tokenize', { body: { items }, headers: { 'idempotency-key': 'k-7' } })
    const [one, two] = [await take(world.shop.credential), await take(world.otherShop.credential)]
    expect([one.status, two.status]).toEqual([200, 200])
    expect(one.body).not.toEqual(two.body)
  })

  test('is 1 to 255 printable ASCII characters', async () => {
    for (const bad of ['', 'x'.repeat(256), 'a\tb', 'ü'])
      expectProblem(await create(bad, NEW), 'invalid_request')
    expect((await create('~ '.repeat(100) + 'x'.repeat(55), NEW)).status).toBe(201)
  })

  test('a reveal that is repeated costs nothing and logs no second disclosure, but the replay', async () => {
    const { tokens } = await world.addCustomer('idem-3')
    const shipment = await world.ship(tokens, 'SO-1')
    await world.move(shipment.id, ...TO_THE_DOOR)
    const body = {
      purpose: 'delivery',
      operator: { id: 'emp-1' },
      items: [{ key: 'a', waybill: shipment.waybill }],
    }
    const ask = () =>
      world.call(world.courier.credential, '/v1/reveal', { body, headers: { 'idempotency-key': 'k-8' } })
    const first = await ask()
    const before = {
      allowed: await countEvents('reveal.allowed'),
      replayed: await countEvents('reveal.replayed'),
    }
    world.pass(2 * 3_600_000)
    const again = await ask()
    expect(again.body.items).toEqual(first.body.items)
    expect(again.body.quota).toMatchObject({ cost: 0, remaining: first.body.quota.remaining })
    expect(await countEvents('reveal.allowed')).toBe(before.allowed)
    expect(await countEvents('reveal.replayed')).toBe(before.replayed + 1)
    await world.ok(world.platform, `/v1/grants/${shipment.grant}/revoke`, { reason: 'r' })
    const revoked = await ask()
    world.pass(-2 * 3_600_000)
    expect(revoked.body.items[0]).toMatchObject({ status: 'denied', code: 'grant_revoked' })
  })

  test('is honoured by calls that only read as well', async () => {
    const { tokens } = await world.addCustomer('idem-4')
    for (const path of ['/v1/mask', '/v1/validate', '/v1/group']) {
      const ask = (token: string) =>
        world.call(world.shop.credential, path, {
          body: { items: [{ key: 'k', token }] },
          headers: { 'idempotency-key': `k-9${path}` },
        })
      const first = await ask(tokens.name)
      expect((await ask(tokens.name)).body).toEqual(first.body)
      expectProblem(await ask(tokens.phone), 'idempotency_key_reused')
    }
  })
})
