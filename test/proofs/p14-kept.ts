import { DAY_MS, HOUR_MS } from '../../src/core/time.ts'
import { VaultError } from '../../src/core/errors.ts'
import { readLeaf } from '../../src/vault/audit/event.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import type { Answered, Request } from '../http/harness.ts'
import { NOON } from '../http/harness.ts'
import type { Customer, World, openWorld } from '../http/world.ts'
import { TENANT } from './service-process.ts'

// What a key keeps, over time and over failures: on the service without its socket, with a clock and a store that can
// be told what to do.

type Case = (world: World) => Promise<readonly (readonly [what: string, is: unknown, has: unknown])[]>

/** @param open a fresh service for each case. */
export async function keepInTime(open: typeof openWorld): Promise<{ cases: number; failures: string[] }> {
  const failures: string[] = []
  for (const [name, check] of Object.entries(CASES)) {
    const world = await open()
    for (const [what, is, has] of await check(world)) {
      if (JSON.stringify(is) !== JSON.stringify(has))
        failures.push(`${name}: ${what}: ${JSON.stringify(is)}, has to be ${JSON.stringify(has)}`)
    }
    await world.close()
  }
  return { cases: Object.keys(CASES).length, failures }
}

const CASES: Readonly<Record<string, Case>> = {
  async 'a refusal is not kept'(world) {
    const body = { kind: 'courier', name: 'Not yet active' }
    const { id } = (await world.ok(world.platform, '/v1/parties', body)).body
    const { tokens } = await world.addCustomer('u-1')
    const send = () => keyed(world, world.shop.credential, '/v1/shipments', shipmentBody(id, tokens))
    const refused = await send()
    await world.ok(world.platform, `/v1/parties/${id}/status`, { status: 'active', reason: 'checked' })
    const [made, again] = [await send(), await send()]
    return [
      ['the first', refused.body.code, 'state_conflict'],
      ['the second', made.status, 201],
      ['the third', again.text, made.text],
      ['shipments', await count(world, 'shipment.created'), 1],
    ]
  },

  async 'what could not be written is not kept'(world) {
    const failed = await withStore(
      world,
      (store) => ({ ...store, commit: () => Promise.reject(notWritten()) }),
      () => makeParty(world),
    )
    const [made, again] = [await makeParty(world), await makeParty(world)]
    return [
      ['the first', [failed.status, failed.body.code], [503, 'log_unavailable']],
      ['the second', made.status, 201],
      ['the third', again.text, made.text],
      ['parties', await countShops(world), 1],
    ]
  },

  async 'what was written but not answered is kept'(world) {
    const lost = await withStore(world, loseAnswers, () => makeParty(world))
    const [made, again] = [await makeParty(world), await makeParty(world)]
    return [
      ['the first', lost.status, 500],
      ['the second', made.status, 201],
      ['the third', again.text, made.text],
      ['parties', await countShops(world), 1],
    ]
  },

  async 'while the first is under way, the second is told to wait'(world) {
    const gate = Promise.withResolvers<void>()
    const slow = (store: VaultStore): VaultStore => ({
      ...store,
      commit: (tenant, changes) => gate.promise.then(() => store.commit(tenant, changes)),
    })
    const [first, second] = await withStore(world, slow, async () => {
      const making = makeParty(world)
      const waiting = await makeParty(world)
      gate.resolve()
      return [await making, waiting] as const
    })
    return [
      ['the second', [second.status, second.body.code], [409, 'idempotency_in_flight']],
      ['it says when to ask again', Number(second.headers.get('retry-after')) > 0, true],
      ['the third', (await makeParty(world)).text, first.text],
      ['parties', await countShops(world), 1],
    ]
  },

  async 'kept for 24 hours to the millisecond, then free'(world) {
    const made = await makeParty(world)
    world.pass(DAY_MS - 1)
    const before = await makeParty(world)
    world.pass(1)
    const at = await makeParty(world)
    const otherBody = await makeParty(world, 'Another Shop')
    world.pass(1)
    const after = await makeParty(world, 'Another Shop')
    return [
      ['1 ms before', before.text, made.text],
      ['at the hour', at.text, made.text],
      ['at the hour, another body', otherBody.body.code, 'idempotency_key_reused'],
      ['1 ms after, another body', [after.status, after.body.name], [201, 'Another Shop']],
      ['then kept again', (await makeParty(world, 'Another Shop')).text, after.text],
      ['parties', await countShops(world), 2],
    ]
  },

  async 'kept although it could not be done any more'(world) {
    const { subject } = await world.addCustomer('u-1')
    const until = new Date(NOON + HOUR_MS).toISOString()
    const body = { ...legalGrant(world, subject), until }
    const made = await keyed(world, world.platform, '/v1/grants', body)
    world.pass(2 * HOUR_MS)
    const again = await keyed(world, world.platform, '/v1/grants', body)
    return [
      ['the first', made.status, 201],
      ['the second', [again.status, again.text], [201, made.text]],
      ['grants', await count(world, 'grant.given'), 1],
    ]
  },

  async 'one key, two callers: two effects'(world) {
    const { tokens } = await world.addCustomer('u-1')
    const body = shipmentBody(world.courier.id, tokens)
    const path = `/v1/parties/${world.shop.id}/credentials`
    const { secret } = (await world.ok(world.platform, path, { label: 'second' })).body
    const first = await keyed(world, world.shop.credential, '/v1/shipments', body)
    const second = await keyed(world, secret, '/v1/shipments', body)
    return [
      ['statuses', [first.status, second.status], [201, 201]],
      ['shipments', await count(world, 'shipment.created'), 2],
    ]
  },

  async 'a reveal that is repeated takes no second use'(world) {
    const customer = await world.addCustomer('u-1')
    await world.ok(world.platform, '/v1/grants', { ...legalGrant(world, customer.subject), uses_max: 5 })
    const answers = [
      await revealPhone(world, customer),
      await revealPhone(world, customer),
      await revealPhone(world, customer),
    ]
    return revealedOnce(world, customer, answers)
  },

  async 'a reveal that was denied first and is repeated when it is allowed is paid once'(world) {
    const customer = await world.addCustomer('u-1')
    const denied = await revealPhone(world, customer)
    await world.ok(world.platform, '/v1/grants', { ...legalGrant(world, customer.subject), uses_max: 5 })
    const answers = [
      await revealPhone(world, customer),
      await revealPhone(world, customer),
      await revealPhone(world, customer),
    ]
    return [
      ['the first', denied.body.items[0].status, 'denied'],
      ...(answers[0]!.body.items[0].status === 'ok'
        ? await revealedOnce(world, customer, answers)
        : ([['the others', answers.map(eventOf), answers.map(() => eventOf(denied))]] as const)),
    ]
  },

  async 'an item may bear the name of what every object has'(world) {
    const { tokens } = await world.addCustomer('u-1')
    const keys = ['constructor', '__proto__', 'toString']
    const items = keys.map((key) => ({ key, token: tokens.phone, order_ref: 'SO-1' }))
    const body = { purpose: 'order', operator: { id: 'emp-1' }, items }
    const send = () => keyed(world, world.shop.credential, '/v1/reveal', body)
    const [first, again] = [await send(), await send()]
    return [
      ['events', new Set(first.body.items.map(({ event }: { event: string }) => event)).size, keys.length],
      ['repeated', again.body.items, first.body.items],
      ['logged', await count(world, 'reveal.allowed'), keys.length],
      ['replays logged', await count(world, 'reveal.replayed'), keys.length],
    ]
  },

  async 'a search that is repeated is paid once'(world) {
    const { tokens } = await world.addCustomer('u-1')
    const search = () =>
      keyed(world, world.shop.credential, '/v1/search', { purpose: 'order', phone: '+8613812345678' })
    const [first, again] = [await search(), await search()]
    const item = { key: 'a', token: tokens.phone, order_ref: 'SO-1' }
    const body = { purpose: 'order', operator: { id: 'emp-1' }, items: [item] }
    const { quota } = (await world.ok(world.shop.credential, '/v1/reveal', body)).body
    return [
      ['the answers', again.text, first.text],
      ['paid, with one reveal', quota.limit - quota.remaining, 2],
    ]
  },
}

function keyed(world: World, credential: string, path: string, body: Request['body']): Promise<Answered> {
  return world.call(credential, path, { body, headers: { 'idempotency-key': 'the one key' } })
}

function makeParty(world: World, name = 'Third Shop'): Promise<Answered> {
  return keyed(world, world.platform, '/v1/parties', { kind: 'merchant', name })
}

function shipmentBody(courier: string, { name, phone, address }: Customer['tokens']): object {
  return { order_ref: 'SO-1', courier, recipient: { name, phone, address } }
}

function legalGrant(world: World, subject: string): object {
  const of = { subject, party: world.shop.id, purpose: 'legal', basis: 'legal_obligation' }
  return { ...of, fields: { phone: 'full' }, until: '2099-01-01T00:00:00Z' }
}

function revealPhone(world: World, { tokens }: Customer): Promise<Answered> {
  const items = [{ key: 'a', token: tokens.phone, order_ref: 'SO-1' }]
  return keyed(world, world.shop.credential, '/v1/reveal', {
    purpose: 'legal',
    operator: { id: 'emp-1' },
    items,
  })
}

function eventOf(answer: Answered): unknown {
  return answer.body.items[0].event
}

async function revealedOnce(
  world: World,
  { subject }: Customer,
  answers: readonly Answered[],
): Promise<Awaited<ReturnType<Case>>> {
  const grants = (await world.ok(world.platform, `/v1/grants?subject=${subject}`)).body.items
  const uses = grants.find(({ purpose }: { purpose: string }) => purpose === 'legal').uses
  return [
    ['uses', uses, 1],
    ['events named', new Set(answers.map(eventOf)).size, 1],
    ['cost', answers.map(({ body }) => body.quota.cost), [1, 0, 0]],
    ['disclosures logged', await count(world, 'reveal.allowed'), 1],
    ['replays logged', await count(world, 'reveal.replayed'), answers.length - 1],
  ]
}

async function count(world: World, type: string): Promise<number> {
  const { rows } = await world.store.listEvents(TENANT, { order: 'oldest' }, { limit: 1_000 })
  return rows.filter(({ bytes }) => readLeaf(bytes)['type'] === type).length
}

/** Those that were made under the key, beside the four of the world. */
async function countShops(world: World): Promise<number> {
  return (await count(world, 'party.created')) - 4
}

/** Runs `work` on a store that does as it is told. */
async function withStore<T>(
  world: World,
  change: (store: VaultStore) => VaultStore,
  work: () => Promise<T>,
): Promise<T> {
  world.vault.store = change(world.store)
  try {
    return await work()
  } finally {
    world.vault.store = world.store
  }
}

function notWritten(): VaultError {
  return new VaultError('log_unavailable', 'Nothing can be written at the moment.')
}

function loseAnswers(store: VaultStore): VaultStore {
  return {
    ...store,
    async commit(tenant, changes) {
      await store.commit(tenant, changes)
      throw new Error('the answer was lost')
    },
  }
}
