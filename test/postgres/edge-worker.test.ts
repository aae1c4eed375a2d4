import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SECOND_MS } from '../../src/core/time.ts'
import { createRootKeyFile } from '../../src/runtime/node/root-key.ts'
import { random } from '../../src/runtime/node/random.ts'
import { MAKE_MARK, REMOVE_MARK } from '../../src/runtime/move-mark.ts'
import { LEAD_LOCK } from '../../src/runtime/postgres-server.ts'
import { expectProblem } from '../http/expectations.ts'
import { read } from '../http/harness.ts'
import type { Answered, Harness, Request } from '../http/harness.ts'
import { EdgeWorker } from '../runtime/edge-worker.ts'
import { TO_THE_DOOR, openWorld } from '../http/world.ts'
import type { World } from '../http/world.ts'
import { cuttableWay } from './cut-off.ts'
import type { Way } from './cut-off.ts'
import { doorTo } from './door.ts'
import type { Door } from './door.ts'
import { SharedNode } from './shared-node.ts'
import { newDatabase } from './opened.ts'

// One Worker in workerd and one process on Node, on one database.

/** On a machine that has other work to do. */
const PATIENCE = { timeout: 20 * SECOND_MS }

const keys = mkdtempSync(join(tmpdir(), 'cloakroom-keys-'))
let database: string
let worker: EdgeWorker
let node: SharedNode
let way: Way
let door: Door

beforeAll(async () => {
  database = await newDatabase()
  await createRootKeyFile(join(keys, 'root.key'), random)
  const shared = { CLOAKROOM_DATABASE_URL: database, CLOAKROOM_KEYS: keys }
  way = await cuttableWay(database)
  door = await doorTo(way.url)
  worker = await EdgeWorker.start({ ...shared, CLOAKROOM_DATABASE_URL: door.url })
  node = new SharedNode(shared)
})
afterAll(async () => {
  await worker.stop()
  node.discard()
  await door.close()
  await way.close()
  rmSync(keys, { recursive: true })
})

type Side = { url: string }

async function call(
  side: Side,
  credential: string | undefined,
  path: string,
  asked: Request = {},
): Promise<Answered> {
  const { body, method = body === undefined ? 'GET' : 'POST', headers = {} } = asked
  const response = await fetch(`${side.url}${path}`, {
    method,
    headers: {
      ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return read(response)
}

/** The same world as the HTTP suite's, made by calls to one side. */
function worldAt(side: Side): Promise<World> {
  const harness: Pick<Harness, 'addTenant' | 'call'> = {
    addTenant: () => Promise.resolve(node.platformKey),
    call: (credential, path, asked) => call(side, credential, path, asked),
  }
  return openWorld(Promise.resolve(harness as Harness))
}

async function parcelAt(world: World) {
  const { subject, tokens } = await world.addCustomer(`u-${random(4).join('')}`)
  const parcel = await world.ship(tokens, 'SO-1')
  await world.move(parcel.id, ...TO_THE_DOOR)
  return { ...parcel, subject }
}

function look(side: Side, courier: string, waybill: string): Promise<Answered> {
  const body = { purpose: 'delivery', operator: { id: 'emp-1' }, items: [{ key: 'a', waybill }] }
  return call(side, courier, '/v1/reveal', { body })
}

async function inDatabase<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  try {
    return (await client.query<T>(text, values)).rows
  } finally {
    await client.end()
  }
}

async function isCovered(): Promise<boolean> {
  const [counts] = await inDatabase<{ behind: string }>(
    'select (select count(*) from events) - coalesce((select sum(size) from logs), 0) as behind',
  )
  return Number(counts?.behind) === 0
}

/** Nothing of the Worker goes on behind its answers: what commits next is what is asked of it next. */
async function isAtRest(): Promise<boolean> {
  if (!(await isCovered())) return false
  const [open] = await inDatabase<{ n: string }>(
    `select count(*) as n from pg_stat_activity
     where datname = current_database() and application_name = 'cloakroom-worker'`,
  )
  return Number(open?.n) === 0
}

describe('a Worker on PostgreSQL', () => {
  test('refuses a database that nobody has made ready, says why to the operator, and goes on once it is', async () => {
    expect((await call(worker, undefined, '/healthz')).status).toBe(200)
    expect((await call(worker, undefined, '/readyz')).status).toBe(503)
    expectProblem(await call(worker, node.platformKey, '/v1/parties'), 'internal')
    await expect.poll(() => worker.said, PATIENCE).toContain('database_older')
    await node.start()
    expect((await call(worker, node.platformKey, '/v1/parties')).status).toBe(200)
    expect((await call(worker, undefined, '/readyz')).status).toBe(200)
  })

  test('refuses one that a newer version has been at', async () => {
    const later = '9999999999999'
    await inDatabase(`insert into __drizzle_migrations (hash, created_at) values ('later', ${later})`)
    const other = await EdgeWorker.start({ CLOAKROOM_DATABASE_URL: database, CLOAKROOM_KEYS: keys })
    try {
      expectProblem(await call(other, node.platformKey, '/v1/parties'), 'internal')
      await expect.poll(() => other.said, PATIENCE).toContain('database_newer')
    } finally {
      await inDatabase(`delete from __drizzle_migrations where created_at = ${later}`)
      await other.stop()
    }
  })

  test('refuses one that a move is still filling', async () => {
    await inDatabase(MAKE_MARK)
    const other = await EdgeWorker.start({ CLOAKROOM_DATABASE_URL: database, CLOAKROOM_KEYS: keys })
    try {
      expectProblem(await call(other, node.platformKey, '/v1/parties'), 'internal')
      await expect.poll(() => other.said, PATIENCE).toContain('move_unfinished')
    } finally {
      await inDatabase(REMOVE_MARK)
      await other.stop()
    }
  })

  test('is sealed with another root key than the database was made with, and names the binding', async () => {
    const others = mkdtempSync(join(tmpdir(), 'cloakroom-keys-'))
    await createRootKeyFile(join(others, 'root.key'), random)
    const other = await EdgeWorker.start({ CLOAKROOM_DATABASE_URL: database, CLOAKROOM_KEYS: others })
    try {
      expectProblem(await call(other, node.platformKey, '/v1/parties'), 'sealed')
      expect((await call(other, undefined, '/healthz')).status).toBe(200)
      await expect.poll(() => other.said, PATIENCE).toContain('root_key_wrong')
    } finally {
      await other.stop()
      rmSync(others, { recursive: true })
    }
  })

  test('carries a parcel to the door: a look shows what it may, and its event is in the log', async () => {
    const world = await worldAt(worker)
    const { waybill } = await parcelAt(world)
    const { status, body } = await look(worker, world.courier.credential, waybill)
    expect([status, body.items[0].status, body.items[0].fields.phone.value]).toEqual([
      200,
      'ok',
      '+8613812345678',
    ])
    for (const side of [worker, node]) {
      const event = await call(side, node.platformKey, `/v1/events/${body.items[0].event}`)
      expect([event.status, event.body.type]).toEqual([200, 'reveal.allowed'])
    }
    expectProblem(await call(worker, undefined, '/v1/parties'), 'unauthenticated')
  })

  test('a revocation that either side has acknowledged holds on the other at once', async () => {
    const world = await worldAt(worker)
    for (const [one, other] of [
      [node, worker],
      [worker, node],
    ] as const) {
      const { waybill, grant } = await parcelAt(world)
      const seen = await look(other, world.courier.credential, waybill)
      expect(seen.body.items[0].status).toBe('ok')
      const revoked = await call(one, node.platformKey, `/v1/grants/${grant}/revoke`, {
        body: { reason: 'asked' },
      })
      expect(revoked.status).toBe(200)
      const refused = await look(other, world.courier.credential, waybill)
      expect(refused.body.items[0].code).toBe('grant_revoked')
    }
  })

  test('of looks at the Worker that race with a revocation on Node none has its place behind it', async () => {
    const world = await worldAt(worker)
    const { subject, waybill, grant } = await parcelAt(world)
    const looks = Array.from({ length: 30 }, () => look(worker, world.courier.credential, waybill))
    const revoked = call(node, node.platformKey, `/v1/grants/${grant}/revoke`, { body: { reason: 'asked' } })
    const answers = await Promise.all(looks)
    expect((await revoked).status).toBe(200)
    const seen = answers.filter(({ body }) => body.items[0].status === 'ok').length
    const events = await call(node, node.platformKey, `/v1/events?subject=${subject}&limit=100`)
    const types = (events.body.items as { type: string }[]).map(({ type }) => type)
    expect(types).toContain('grant.revoked')
    expect(types.slice(types.indexOf('grant.revoked'))).not.toContain('reveal.allowed')
    expect(types.filter((type) => type === 'reveal.allowed')).toHaveLength(seen)
  })

  test('one Idempotency-Key on both sides at once has one effect', async () => {
    const asked = { body: { kind: 'merchant', name: 'Once' }, headers: { 'idempotency-key': 'both-sides' } }
    const answers = await Promise.all(
      [worker, node, worker].map((side) => call(side, node.platformKey, '/v1/parties', asked)),
    )
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(new Set(answers.map(({ body }) => String(body.id))).size).toBe(1)
  })

  test('makes tenants for whoever has the admin secret, whom Node then knows', async () => {
    const made = await call(worker, worker.adminSecret, '/admin/tenants/acme', { method: 'PUT' })
    expect(made.status).toBe(201)
    expect((await call(node, made.body.credential, '/v1/parties')).status).toBe(200)
    const again = await call(worker, worker.adminSecret, '/admin/tenants/acme', { method: 'PUT' })
    expect([again.status, again.body.code]).toEqual([409, 'state_conflict'])
    const more = await call(worker, worker.adminSecret, '/admin/tenants/acme/credentials', { method: 'POST' })
    expect((await call(worker, more.body.credential, '/v1/parties')).status).toBe(200)
    const nobody = await call(worker, worker.adminSecret, '/admin/tenants/nobody/credentials', {
      method: 'POST',
    })
    expect(nobody.body.code).toBe('not_found')
    const quota = { method: 'PUT', body: { per_day: 7 } }
    expect((await call(worker, worker.adminSecret, '/admin/tenants/acme/quota', quota)).body.per_day).toBe(7)
    expect((await call(worker, worker.adminSecret, '/admin/tenants/acme/retention')).status).toBe(200)
    // What is an object's alone: rows of a database are shared with others, and its keys are rotated from Node.
    for (const [path, method] of [
      ['rest', 'PUT'],
      ['keys/rotations', 'GET'],
    ] as const) {
      const answer = await call(worker, worker.adminSecret, `/admin/tenants/acme/${path}`, { method })
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found'])
    }
  })
})

test('every statement of a call is one that Hyperdrive does not cache', () => {
  const isUncached = (text: string) => /\bnow\(\)/.test(text)
  const statements = door.statements().filter((text) => !text.includes('current_setting'))
  expect(statements.length).toBeGreaterThan(100)
  expect(statements.filter((text) => !isUncached(text))).toEqual([])
  // Negative control: what drizzle makes of a read by itself.
  expect(isUncached('select "no" from "tenants" where "tenants"."slug" = $1')).toBe(false)
})

describe('where no process on Node is running, a Worker', () => {
  beforeAll(() => node.kill())

  test('puts what it wrote under a checkpoint by itself', async () => {
    await expect.poll(isCovered, PATIENCE).toBe(true)
    const before = Number((await call(worker, undefined, '/log/default/checkpoint')).text.split('\n')[1])
    const body = { kind: 'merchant', name: 'Shop' }
    expect((await call(worker, node.platformKey, '/v1/parties', { body })).status).toBe(201)
    await expect.poll(isCovered, PATIENCE).toBe(true)
    expect(
      Number((await call(worker, undefined, '/log/default/checkpoint')).text.split('\n')[1]),
    ).toBeGreaterThan(before)
  })

  test('does the periodic work at its cron trigger, unless somebody else has the lead', async () => {
    await expect.poll(isCovered, PATIENCE).toBe(true)
    await inDatabase('delete from tiles')
    await inDatabase('delete from logs')
    const holder = new pg.Client({ connectionString: database })
    await holder.connect()
    await holder.query('select pg_advisory_lock($1, hashtext(current_schema()))', [LEAD_LOCK])
    await worker.cron()
    // Negative control: somebody else is at it.
    expect(await isCovered()).toBe(false)
    await holder.end()
    await expect.poll(() => worker.cron().then(isCovered), PATIENCE).toBe(true)
  })

  test('says that the database is away, and goes on by itself when it is back', async () => {
    door.shut()
    expectProblem(await call(worker, node.platformKey, '/v1/parties'), 'unavailable')
    expect((await call(worker, undefined, '/healthz')).status).toBe(200)
    expect((await call(worker, undefined, '/readyz')).status).toBe(503)
    door.open()
    expect((await call(worker, node.platformKey, '/v1/parties')).status).toBe(200)
  })

  test.each([
    ['is done once', true],
    ['is done by the repetition', false],
  ])('does not say what it does not know: what broke off at its commit %s', async (what, deliver) => {
    const count = async () =>
      Number((await inDatabase<{ n: string }>('select count(*) as n from parties'))[0]?.n)
    const before = await count()
    const asked = { body: { kind: 'merchant', name: 'Cut' }, headers: { 'idempotency-key': what } }
    await expect.poll(isAtRest, PATIENCE).toBe(true)
    way.cutAtCommit({ deliver })
    expectProblem(await call(worker, node.platformKey, '/v1/parties', asked), 'unavailable')
    await expect.poll(count, PATIENCE).toBe(deliver ? before + 1 : before)
    expect((await call(worker, node.platformKey, '/v1/parties', asked)).status).toBe(201)
    expect(await count()).toBe(before + 1)
  })
})
