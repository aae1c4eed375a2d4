import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { AFTER_WRITE_MS } from '../../src/runtime/cloudflare/jobs.ts'
import { restOf } from '../../src/runtime/cloudflare/rest.ts'
import { VaultObject } from '../../src/runtime/cloudflare/worker.ts'
import { decodePage } from '../../src/storage/move/page-bytes.ts'
import { movedSqliteTables, sqliteShapes } from '../../src/storage/move/shape.ts'
import { GroupCommit } from '../../src/storage/sqlite/group-commit.ts'
import * as schema from '../../src/storage/sqlite/schema/index.ts'
import { JOBS } from '../../src/vault/jobs.ts'
import { expectProblem } from '../http/expectations.ts'
import type { Answered } from '../http/harness.ts'
import { addParty, call, inStorage, makeTenant, objectOf, ok, requestOf, tokenizeBody } from './service.ts'
import { TEST_BINDINGS } from './test-bindings.ts'

const ADMIN = TEST_BINDINGS.CLOAKROOM_ADMIN_SECRET
const SHAPES = sqliteShapes(schema)

const admin = (tenant: string, path: string, method = 'GET', body?: unknown) =>
  call(ADMIN, `/admin/tenants/${tenant}/${path}`, { method, body })

/** @returns the id of the rest. */
async function putToRest(tenant: string): Promise<string> {
  const { status, body } = await admin(tenant, 'rest', 'PUT')
  expect(status).toBe(200)
  return body.rest.id
}

async function wake(tenant: string): Promise<void> {
  expect((await admin(tenant, 'rest', 'DELETE')).body.rest).toBe(null)
}

type Asked = { rest: string; table: string; after?: unknown; limit?: unknown }

async function pageOf(tenant: string, asked: Asked): Promise<Uint8Array> {
  const body = { limit: 10_000, ...asked }
  const response = await exports.default.fetch(
    requestOf(ADMIN, `/admin/tenants/${tenant}/rest/rows`, { body }),
  )
  expect(response.status).toBe(200)
  return new Uint8Array(await response.arrayBuffer())
}

async function allPages(tenant: string, rest: string, table: string, limit: number): Promise<unknown[][][]> {
  const { columns, key } = SHAPES.get(table)!
  const pages: unknown[][][] = []
  for (let after: unknown[] | undefined; ;) {
    const rows = decodePage(await pageOf(tenant, { rest, table, after, limit }), columns.length)
    const last = rows.at(-1)
    if (!last) return pages
    after = key.map((column) => last[column])
    pages.push(rows)
  }
}

function storedRows(tenant: string, table: string): Promise<unknown[][]> {
  const { columns, key } = SHAPES.get(table)!
  const names = columns.map(({ name }) => `"${name}"`).join()
  const order = key.map((column) => `"${columns[column]?.name}"`).join()
  return inStorage(tenant, ({ sql }) =>
    [...sql.exec(`select ${names} from "${table}" order by ${order}`).raw()].map((row) =>
      row.map((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value)),
    ),
  )
}

const eventsOf = (tenant: string) => storedRows(tenant, 'events').then((rows) => rows.length)

/** What a tenant, its shop and a passer-by may ask; each would write or show something. */
async function callsOf(tenant: string, platform: string, shop: { id: string; credential: string }) {
  const { subject } = (await ok(platform, '/v1/tokenize', tokenizeBody(shop.id, 'u-0'))).body.items[0]
  const asked: (() => Promise<Answered>)[] = [
    () => call(platform, '/v1/parties'),
    () => call(platform, '/v1/parties', { body: { kind: 'courier', name: 'Late' } }),
    () => call(platform, '/v1/tokenize', { body: tokenizeBody(shop.id, 'u-1') }),
    () => call(shop.credential, '/v1/shipments'),
    () => call(platform, `/v1/subjects/${subject}/sessions`, { method: 'POST' }),
    () => call(undefined, `/log/${tenant}/vkey`),
    () => call(undefined, `/t/${tenant}/.well-known/jwks.json`),
    () => admin(tenant, 'credentials', 'POST'),
    () => admin(tenant, 'quota', 'PUT', { per_day: 5 }),
    () => admin(tenant, 'retention'),
    () => admin(tenant, 'keys/rotations', 'POST', { level: 'wrap' }),
  ]
  return asked
}

describe('a tenant at rest', () => {
  test('is refused every call, evicted too, and writes nothing; before, and once it is woken, it is served', async () => {
    const platform = await makeTenant('resting')
    const shop = await addParty(platform, 'merchant')
    const calls = await callsOf('resting', platform, shop)
    for (const ask of calls) expect((await ask()).body?.code).not.toBe('tenant_moving')
    await putToRest('resting')
    const before = await eventsOf('resting')
    for (const evicted of [false, true]) {
      if (evicted) await evictDurableObject(objectOf('resting'))
      for (const ask of calls) {
        const answer = await ask()
        expect([answer.status, answer.body.code]).toEqual([503, 'tenant_moving'])
      }
    }
    expect(await eventsOf('resting')).toBe(before)
    await wake('resting')
    for (const ask of calls) expect((await ask()).body?.code).not.toBe('tenant_moving')
    expect(await eventsOf('resting')).toBeGreaterThan(before)
  })

  test('takes no commit of a call that had begun before, and says that nothing was done', async () => {
    const platform = await makeTenant('overtaken')
    const shop = await addParty(platform, 'merchant')
    const { commit } = GroupCommit.prototype
    const overtaken = vi.spyOn(GroupCommit.prototype, 'commit').mockImplementationOnce(async function (
      this: GroupCommit,
      ...list
    ) {
      await objectOf('overtaken').administer('overtaken' as never, { type: 'rest' })
      return commit.apply(this, list)
    })
    const tokenize = () => call(platform, '/v1/tokenize', { body: tokenizeBody(shop.id, 'u-1') })
    expectProblem(await tokenize(), 'tenant_moving')
    overtaken.mockRestore()
    expect(await storedRows('overtaken', 'subjects')).toEqual([])
    // Negative control: what overtook it was the rest.
    await wake('overtaken')
    expect((await tokenize()).status).toBe(200)
    expect(await storedRows('overtaken', 'subjects')).toHaveLength(1)
  })

  test('has no periodic work, and comes up with it once it is woken', async () => {
    const integrate = JOBS.find(({ name }) => name === 'integrate')!
    const idle = vi.spyOn(integrate, 'run').mockResolvedValue(undefined)
    await makeTenant('no-jobs')
    await putToRest('no-jobs')
    idle.mockRestore()
    await inStorage('no-jobs', (storage) => storage.setAlarm(Date.now()))
    await vi.waitFor(() =>
      inStorage('no-jobs', async (storage) => expect(await storage.getAlarm()).toBe(null)),
    )
    // As long as an alarm takes from a write to the checkpoint.
    await new Promise((resolve) => setTimeout(resolve, AFTER_WRITE_MS))
    const covered = () => storedRows('no-jobs', 'logs')
    expect(await covered()).toEqual([])
    await wake('no-jobs')
    await vi.waitFor(async () => expect(await covered()).toHaveLength(1), { timeout: 30_000 })
  })

  test('can be put there and read without its root key: nothing is opened for it', async () => {
    await makeTenant('sealed-rest')
    const answers = await runInDurableObject(objectOf('sealed-rest'), async (_, state) => {
      const silenced = vi.spyOn(console, 'error').mockImplementation(() => undefined)
      const sealed = new VaultObject(state, { ...env, CLOAKROOM_ROOT_KEY: '' })
      const put = await sealed.administer('sealed-rest' as never, { type: 'rest' })
      const { id: rest } = restOf(state.storage)!
      silenced.mockRestore()
      return [put, await sealed.administer('sealed-rest' as never, { type: 'count', rest, table: 'tenants' })]
    })
    expect(answers).toMatchObject([{ ok: true }, { ok: true, body: { table: 'tenants', rows: 1 } }])
  })

  test('is put to rest once: a second word changes nothing, and a rest after a waking is another', async () => {
    await makeTenant('twice')
    const first = await putToRest('twice')
    expect(await putToRest('twice')).toBe(first)
    expect((await admin('twice', 'rest')).body.rest.id).toBe(first)
    await wake('twice')
    await wake('twice')
    expect(await putToRest('twice')).not.toBe(first)
  })

  test('is put there and woken by the admin secret alone', async () => {
    const platform = await makeTenant('whose-rest')
    const asks = [
      ['rest', 'GET'],
      ['rest', 'PUT'],
      ['rest', 'DELETE'],
      ['rest/rows', 'POST'],
      ['rest/counts', 'POST'],
    ] as const
    for (const secret of [undefined, platform, `${ADMIN}0`]) {
      for (const [path, method] of asks) {
        const answer = await call(secret, `/admin/tenants/whose-rest/${path}`, { method })
        expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated'])
      }
    }
    expect((await admin('whose-rest', 'rest')).body.rest).toBe(null)
    expect((await admin('nobody', 'rest', 'PUT')).status).toBe(404)
  })
})

describe('the rows of a tenant at rest', () => {
  let rest: string
  beforeAll(async () => {
    const platform = await makeTenant('rows')
    const shop = await addParty(platform, 'merchant')
    for (let i = 0; i < 7; i++) await ok(platform, '/v1/tokenize', tokenizeBody(shop.id, `u-${i}`))
    rest = await putToRest('rows')
  })

  test.each([1, 3, 10_000])('are each there once, in pages of %i', async (limit) => {
    for (const [table] of movedSqliteTables(schema)) {
      const stored = await storedRows('rows', table)
      const pages = await allPages('rows', rest, table, limit)
      expect(pages.flat()).toEqual(stored)
      expect(pages.length).toBe(Math.ceil(stored.length / limit))
      const { body } = await admin('rows', 'rest/counts', 'POST', { rest, table })
      expect(body).toEqual({ table, rows: stored.length })
    }
  })

  test('come in answers of bounded size, however many are asked for', async () => {
    await makeTenant('large')
    const large = 300_000
    await inStorage('large', ({ sql }) => {
      for (let no = 1; no <= 9; no++)
        sql.exec(
          'insert into notes values (?, 1, ?, null, ?, 7)',
          no,
          'about',
          new Uint8Array(large).fill(no),
        )
    })
    const id = await putToRest('large')
    const pages = await allPages('large', id, 'notes', 10_000)
    expect(pages.map(({ length }) => length)).toEqual([4, 4, 1])
    expect(pages.flat()).toEqual(await storedRows('large', 'notes'))
  })

  test('are refused while it is awake, and of another rest', async () => {
    await makeTenant('awake')
    const asked = { rest, table: 'events', limit: 5 }
    const refused = await admin('awake', 'rest/rows', 'POST', asked)
    expect([refused.status, refused.body.code]).toEqual([409, 'state_conflict'])
    await putToRest('awake')
    expect((await admin('awake', 'rest/rows', 'POST', asked)).body.code).toBe('move_source_changed')
    expect((await admin('awake', 'rest/counts', 'POST', { rest, table: 'events' })).body.code).toBe(
      'move_source_changed',
    )
    // Negative control: where it is the rest, they come.
    expect((await pageOf('rows', asked)).length).toBeGreaterThan(100)
  })

  test.each([
    [9_999_999_999_999, 'database_newer'],
    [1, 'database_older'],
  ])('are refused of another schema (%i)', async (when, code) => {
    const tenant = code.replace('_', '-')
    await makeTenant(tenant)
    const id = await putToRest(tenant)
    await inStorage(
      tenant,
      ({ sql }) => void sql.exec('update __drizzle_migrations set created_at = ?', when),
    )
    for (const answer of [
      await admin(tenant, 'rest'),
      await admin(tenant, 'rest/rows', 'POST', { rest: id, table: 'events', limit: 1 }),
    ])
      expect(answer.body.code).toBe(code)
  })

  test.each([
    ['half a number', 'update party_days set used = 0.5'],
    ['a number beyond 2^53', 'update party_days set used = 9007199254740993'],
  ])('are refused where one has %s', async (what, text) => {
    const tenant = what.replaceAll(/[^a-z]+/g, '-')
    await makeTenant(tenant)
    const id = await putToRest(tenant)
    const asked = { rest: id, table: 'party_days', limit: 5 }
    await inStorage(tenant, ({ sql }) => {
      const { columns } = SHAPES.get('party_days')!
      sql.exec(`insert into party_days values (${columns.map(() => '1').join()})`)
    })
    expect((await pageOf(tenant, asked)).length).toBeGreaterThan(20)
    await inStorage(tenant, ({ sql }) => void sql.exec(text))
    expect((await admin(tenant, 'rest/rows', 'POST', asked)).body.code).toBe('database_unreadable')
  })

  test.each([
    [{ table: 'nothing' }],
    [{ table: 'probe' }],
    [{ table: '__drizzle_migrations' }],
    [{ table: 'events"; drop table events; --' }],
    [{ after: ['a', 'b', 'c', 'd', 'e'] }],
    [{ after: [null] }],
    [{ after: [{ a: 1 }] }],
    [{ after: [0.5] }],
    [{ after: 'x' }],
    [{ limit: 0 }],
    [{ limit: 10_001 }],
    [{ limit: '5' }],
    [{ rest: 5 }],
    [{ more: 1 }],
  ])('are not given to a call of %o', async (changed) => {
    const answer = await admin('rows', 'rest/rows', 'POST', { rest, table: 'events', limit: 5, ...changed })
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request'])
  })
})
