import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openPostgresStore, writerOf } from '../../src/runtime/node/postgres.ts'
import { seekLead } from '../../src/runtime/node/postgres-lead.ts'
import { MOVED_TABLES } from '../../src/storage/move/tables.ts'
import { outcome } from '../contract/fixture.ts'
import { ACME, append, newTenant } from '../storage/sample.ts'
import { moveAndKill } from '../runtime/move/killed.ts'
import type { KillAt } from '../runtime/move/killed.ts'
import { expectToLive, fillVault, newRootKey, rowsIn, storeIn, tryMove } from '../runtime/move/stores.ts'
import type { Known } from '../runtime/move/stores.ts'
import { newDatabase } from './opened.ts'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')

const kek = newRootKey()
let made: string
let vault: string
let known: Known
let before: ReturnType<typeof rowsIn>
beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'cloakroom-move-'))
  vault = join(made, 'vault')
  known = await fillVault(vault, kek)
  before = rowsIn(vault)
})
afterAll(() => rmSync(made, { recursive: true }))

let root: string
let database: string
const at = (name: string) => join(root, name)
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'cloakroom-move-'))
  database = await newDatabase()
})
afterEach(() => rmSync(root, { recursive: true }))

async function inDatabase<T>(work: (client: pg.Client) => Promise<T>, url = database): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function query(text: string): Promise<unknown[]> {
  return inDatabase(async (client) => (await client.query<Record<string, unknown>>(text)).rows)
}

async function cloakroom(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, ...env } })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return { code, stdout, stderr }
}

describe('a move between the engines', () => {
  test('there and back gives the same rows in every table', async () => {
    const there = await tryMove({ from: vault, to: database })
    const back = await tryMove({ from: database, to: at('back') })
    expect([there.code, back.code]).toEqual(['moved', 'moved'])
    expect(rowsIn(at('back'))).toEqual(before)
    expect(back.proof?.tables).toEqual(there.proof?.tables)
    expect(back.proof?.logs).toEqual(there.proof?.logs)
  })

  test('leaves a vault on PostgreSQL that shows, proves and goes on; and back on SQLite again', async () => {
    await tryMove({ from: vault, to: database })
    await expectToLive(() => openPostgresStore(database), kek, known)
    expect((await tryMove({ from: database, to: at('back') })).code).toBe('moved')
    const store = await storeIn(at('back'))()
    expect((await store.store.listTenants()).map(({ id }) => id)).toEqual(['default', 'second'])
    await store.close()
  })

  test('from one database to another gives the same, where one is named among servers that do not answer', async () => {
    await tryMove({ from: vault, to: database.replace('@', '@127.0.0.1:1,') })
    const other = await newDatabase()
    expect((await tryMove({ from: database, to: other })).code).toBe('moved')
    expect((await tryMove({ from: vault, to: other, checkOnly: true })).code).toBe('moved')
  })

  test('keeps the rows’ numbers, and the next is the one after the last', async () => {
    await tryMove({ from: vault, to: database })
    for (const { name, numbered } of MOVED_TABLES) {
      if (numbered === undefined) continue
      const [row] = await query(
        `select max(${numbered}) + 1 as expected, nextval(pg_get_serial_sequence('${name}', '${numbered}')) as next from ${name}`,
      )
      expect([name, (row as { next: string }).next]).toEqual([name, (row as { expected: string }).expected])
    }
  })

  test('as a command prints each table and log, and ends with 0', async () => {
    const { code, stdout, stderr } = await cloakroom(['move', '--from', vault, '--to', database])
    expect(code).toBe(0)
    expect(stdout + stderr).not.toContain(new URL(database).password)
    expect(stdout.match(/^same /gm)).toHaveLength(MOVED_TABLES.length + 2)
    expect(stdout).toContain('Moved: the new store can be served now.')
    const checked = await cloakroom(['move', '--check', '--from', vault, '--to', database])
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining('Both are the same.') })
    await query(`update parties set name = 'Another' where id = (select min(id) from parties)`)
    const differing = await cloakroom(['move', '--check', '--from', vault, '--to', database])
    expect(differing).toMatchObject({ code: 1, stdout: expect.stringMatching(/^DIFFERS {2}parties/m) })
  })

  test('as a command that cannot be understood ends with 2', async () => {
    for (const args of [
      ['move'],
      ['move', '--from', vault],
      ['move', '--from', vault, '--to', database, '--identity', 'x'],
    ]) {
      expect((await cloakroom(args)).code).toBe(2)
    }
  })
})

describe('a move of a database is refused', () => {
  test('while a service has its lead, and goes on once it has stopped', async () => {
    await tryMove({ from: vault, to: database })
    const lead = seekLead(writerOf(database, {}))
    await expect.poll(() => lead.leads()).toBe(true)
    expect((await tryMove({ from: database, to: at('back') })).code).toBe('store_in_use')
    await lead.stop()
    await expect.poll(async () => (await tryMove({ from: database, to: at('back') })).code).toBe('moved')
  })

  test('while a transaction of somebody’s is under way', async () => {
    await tryMove({ from: vault, to: database })
    await inDatabase(async (client) => {
      await client.query('begin')
      await client.query('select 1 from tenants for no key update')
      expect((await tryMove({ from: database, to: at('back') })).code).toBe('store_in_use')
      await client.query('rollback')
    })
  })

  test('with nothing in it, with a newer schema, and half filled', async () => {
    expect((await tryMove({ from: database, to: at('new') })).code).toBe('not_found')
    await moveAndKill(vault, database, 5)
    await settled()
    expect((await tryMove({ from: database, to: at('new') })).code).toBe('move_unfinished')
    await tryMove({ from: vault, to: database })
    await query(`insert into __drizzle_migrations (hash, created_at) values ('newer', 99999999999999)`)
    expect((await tryMove({ from: database, to: at('new') })).code).toBe('database_newer')
  })

  test('to itself, by another scheme or as one of several servers', async () => {
    const several = database.replace('@', '@127.0.0.1:1,')
    for (const to of [database.replace('postgres://', 'postgresql://'), several]) {
      expect((await tryMove({ from: database, to })).code).toBe('invalid_request')
    }
  })

  test('if the server does not answer', async () => {
    const nobody = 'postgres://nobody@127.0.0.1:1/none'
    expect((await tryMove({ from: nobody, to: at('new') })).code).toBe('unavailable')
    expect((await tryMove({ from: vault, to: nobody })).code).toBe('unavailable')
  })
})

describe('a move into a database is refused', () => {
  test('that holds a vault, which stays as it was', async () => {
    const { store, close } = await openPostgresStore(database)
    await store.commit(ACME, newTenant(ACME).changes)
    expect((await tryMove({ from: vault, to: database })).code).toBe('store_not_empty')
    expect(await outcome(store, [append()])).toBe('kept')
    await close()
  })

  test('that somebody serves, even with nothing in it', async () => {
    await (await openPostgresStore(database)).close()
    const lead = seekLead(writerOf(database, {}))
    await expect.poll(() => lead.leads()).toBe(true)
    expect((await tryMove({ from: vault, to: database })).code).toBe('store_in_use')
    await lead.stop()
  })
})

/** Until the server has noticed that the killed process's connection is gone. */
async function settled(): Promise<void> {
  const mine = `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
  await expect.poll(async () => (await query(mine)).length).toBe(0)
}

const KILLS: readonly KillAt[] = [1, 2, 9, 17, 'comparing', 'proven']

describe('a move that is killed', () => {
  test('into a database at six points: nothing can serve it, and the seventh run brings it to the same end', async () => {
    for (const killAt of KILLS) {
      expect(await moveAndKill(vault, database, killAt)).toEqual({ moved: false, stderr: '' })
      await settled()
      await expect(openPostgresStore(database)).rejects.toMatchObject({ code: 'move_unfinished' })
    }
    const served = await cloakroom(['serve'], {
      CLOAKROOM_DATABASE_URL: database,
      CLOAKROOM_DATA: at('data'),
      CLOAKROOM_KEYS: at('keys'),
      PORT: '0',
    })
    expect(served).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('being filled by `cloakroom move`'),
    })
    expect(await moveAndKill(vault, database, undefined)).toEqual({ moved: true, stderr: '' })
    await settled()
    expect((await tryMove({ from: database, to: at('back') })).code).toBe('moved')
    expect(rowsIn(at('back'))).toEqual(before)
  })

  test('into a folder at six points, likewise', async () => {
    await tryMove({ from: vault, to: database })
    for (const killAt of KILLS) {
      expect(await moveAndKill(database, at('back'), killAt)).toEqual({ moved: false, stderr: '' })
      await settled()
      await expect(storeIn(at('back'))()).rejects.toMatchObject({ code: 'move_unfinished' })
    }
    expect(await moveAndKill(database, at('back'), undefined)).toEqual({ moved: true, stderr: '' })
    expect(rowsIn(at('back'))).toEqual(before)
  })

  test('by its server ends with `unavailable`, and goes on when it is called again', async () => {
    let left = 10
    const ending: Promise<unknown>[] = []
    const advanced = () => {
      left -= 1
      const others = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
      if (left === 0) ending.push(query(others))
    }
    expect((await tryMove({ from: vault, to: database, maxRows: 4 }, { advanced })).code).toBe('unavailable')
    await Promise.all(ending)
    await settled()
    expect((await tryMove({ from: vault, to: database })).code).toBe('moved')
  })
})

describe('the comparison with a database', () => {
  test.each([
    [
      'a flipped bit',
      'data_keys',
      `update data_keys set wrapped = set_byte(wrapped, 3, get_byte(wrapped, 3) # 1) where person = 1`,
    ],
    ['a row left out', 'grants', 'delete from grants where no = 1'],
    ['a row added', 'party_days', `insert into party_days values (1, 'x', '2026-01-01', 0, 0)`],
    [
      'the tenant of a service that was started meanwhile',
      'tenants',
      `insert into tenants values (99, 'slow', 0, '{}')`,
    ],
  ])('finds %s', async (_, table, text) => {
    await moveAndKill(vault, database, 'comparing')
    await settled()
    await query(text)
    const { code, proof } = await tryMove({ from: vault, to: database })
    expect(code).toBe('move_differs')
    expect(proof?.tables.filter(({ same }) => !same).map((one) => one.table)).toEqual([table])
    await expect(openPostgresStore(database)).rejects.toMatchObject({ code: 'move_unfinished' })
  })
})

describe('while a move reads a database', () => {
  test('no process commits to it, of those that were started before', async () => {
    await (await openPostgresStore(database)).close()
    const { store, close } = await openPostgresStore(database)
    await store.commit(ACME, newTenant(ACME).changes)
    const size = async () => (await store.logHead(ACME)).size
    const start = await size()
    const told: string[] = []
    const late: Promise<unknown>[] = []
    const stage = (name: string) => {
      if (name === 'copying') late.push(outcome(store, [append()]).then((said) => told.push(said)))
    }
    let toldBeforeTheEnd: readonly string[] = ['not asked']
    const proven = () => void (toldBeforeTheEnd = [...told])
    const { code } = await tryMove({ from: database, to: at('new') }, { stage, proven })
    await Promise.all(late)
    // It waited for the lock, and went on when the move let go: a service that is not stopped writes to a store that is left.
    expect({ code, toldBeforeTheEnd, told }).toEqual({ code: 'moved', toldBeforeTheEnd: [], told: ['kept'] })
    expect(await size()).toBe(start + 1)
    await close()
  })
})
