import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fsck } from '../../../src/runtime/node/fsck.ts'
import { readConfig } from '../../../src/runtime/node/config.ts'
import { openDataFolder } from '../../../src/runtime/node/data-folder.ts'
import { DATABASE_FILE, openDatabase, openSqliteStore } from '../../../src/runtime/node/sqlite.ts'
import { copyRows } from '../../../src/runtime/node/move/copy.ts'
import { countRows, fingerprint } from '../../../src/runtime/node/move/digest.ts'
import { openFolderSource, openFolderTarget } from '../../../src/runtime/node/move/sqlite-side.ts'
import type { Target } from '../../../src/runtime/node/move/side.ts'
import { MOVED_TABLES } from '../../../src/storage/move/tables.ts'
import { expectToLive, fillVault, newRootKey, rowsIn, storeIn, tryMove } from './stores.ts'
import type { Known } from './stores.ts'

const kek = newRootKey()
let made: string
let known: Known
beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'cloakroom-move-'))
  known = await fillVault(join(made, 'vault'), kek)
})
afterAll(() => rmSync(made, { recursive: true }))

let root: string
const at = (name: string) => join(root, name)
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cloakroom-move-'))
  cpSync(join(made, 'vault'), at('old'), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true }))

/** Changes a database behind everybody's back. */
function tamper(folder: string, work: (client: Database.Database) => void): void {
  const client = new Database(join(folder, DATABASE_FILE))
  try {
    work(client)
  } finally {
    client.close()
  }
}

const order = () => ({ from: at('old'), to: at('new') })

describe('a move of a data folder', () => {
  test('gives the same rows in every table, and a vault that goes on', async () => {
    const before = rowsIn(at('old'))
    expect(Object.keys(before).toSorted()).toEqual(MOVED_TABLES.map(({ name }) => name))
    for (const [table, rows] of Object.entries(before))
      expect([table, rows.length > 0]).toEqual([table, true])
    const { code, proof } = await tryMove(order())
    expect(code).toBe('moved')
    expect(proof?.tables.map(({ table, source }) => [table, source.rows])).toEqual(
      MOVED_TABLES.map(({ name }) => [name, before[name]?.length]),
    )
    expect(rowsIn(at('new'))).toEqual(before)
    await expectToLive(storeIn(at('new')), kek, known)
  })

  test('changes nothing in the source', async () => {
    const before = readFileSync(join(at('old'), DATABASE_FILE))
    await tryMove(order())
    expect(readFileSync(join(at('old'), DATABASE_FILE)).equals(before)).toBe(true)
  })

  test('takes what a killed service has left in its write-ahead log', async () => {
    tamper(at('old'), (client) => {
      client.pragma('journal_mode = WAL')
      client.exec(`update subjects set locale = 'fr' where no = 1`)
      for (const end of ['', '-wal', '-shm']) {
        cpSync(join(at('old'), DATABASE_FILE + end), join(root, DATABASE_FILE + end))
      }
    })
    mkdirSync(at('killed'))
    for (const end of ['', '-wal']) {
      cpSync(join(root, DATABASE_FILE + end), join(at('killed'), DATABASE_FILE + end))
    }
    expect((await tryMove({ from: at('killed'), to: at('new') })).code).toBe('moved')
    expect(rowsIn(at('new'))['subjects']?.join()).toContain('"locale":"fr"')
  })

  test('is compared again whenever somebody asks', async () => {
    await tryMove(order())
    const again = await tryMove({ ...order(), checkOnly: true })
    expect(again).toMatchObject({ code: 'moved', proof: { holds: true } })
    tamper(at('new'), (client) => client.exec(`update subjects set locale = 'fr' where no = 2`))
    const later = await tryMove({ ...order(), checkOnly: true })
    expect(later.code).toBe('move_differs')
    expect(later.proof?.tables.filter(({ same }) => !same).map(({ table }) => table)).toEqual(['subjects'])
  })
})

/** Breaks off when this many pages have been copied. */
async function breakOff(pages: number): Promise<void> {
  let left = pages
  const advanced = () => {
    left -= 1
    if (left === 0) throw Object.assign(new Error('broken off'), { code: 'broken_off' })
  }
  expect((await tryMove({ ...order(), maxRows: 4 }, { advanced })).code).toBe('broken_off')
}

describe('a target that is half filled', () => {
  test('can be opened by nothing but the same move', async () => {
    await breakOff(20)
    const folder = at('new')
    expect(() => openDatabase(join(folder, DATABASE_FILE))).toThrow(
      expect.objectContaining({ code: 'move_unfinished' }),
    )
    await expect(openSqliteStore(folder, { onFatal: () => undefined })).rejects.toMatchObject({
      code: 'move_unfinished',
    })
    const checking = fsck(
      readConfig({ CLOAKROOM_DATA: folder }),
      { database: undefined, witnessed: [], vkeys: [] },
      { start: () => undefined, found: () => undefined, advanced: () => undefined },
    )
    await expect(checking).rejects.toMatchObject({ code: 'move_unfinished' })
    expect((await tryMove({ from: folder, to: at('third') })).code).toBe('move_unfinished')
    expect((await tryMove(order())).code).toBe('moved')
    expect(rowsIn(folder)).toEqual(rowsIn(at('old')))
  })

  test('is filled from nothing but the source that it was begun with, in the state that it had', async () => {
    await breakOff(20)
    await fillVault(at('other'), kek)
    expect((await tryMove({ from: at('other'), to: at('new') })).code).toBe('move_source_changed')
    tamper(at('old'), (client) => client.exec('delete from sessions'))
    expect((await tryMove(order())).code).toBe('move_source_changed')
  })
})

describe('the mark of what is copied', () => {
  test('negative control: set before its rows were written, it loses them, and the comparison finds that', async () => {
    const [source, target] = [openFolderSource(at('old')), openFolderTarget(at('new'))]
    await target.begin(await fingerprint(source, await countRows(source)))
    const early: Target = {
      ...target,
      async write(table, rows, progress) {
        if (table.name !== 'fields') return target.write(table, rows, progress)
        await target.write(table, [], progress)
        throw new Error('broken off in between')
      },
    }
    const copying = copyRows(source, early, undefined, { maxRows: 4, onRows: () => undefined })
    await expect(copying).rejects.toThrow('broken off in between')
    await Promise.all([source.close(), target.close()])
    const { code, proof } = await tryMove(order())
    expect(code).toBe('move_differs')
    expect(proof?.tables.filter(({ same }) => !same).map(({ table }) => table)).toEqual(['fields'])
  })
})

describe('a move is refused', () => {
  test('into a store that holds anything, which stays as it was', async () => {
    await fillVault(at('new'), kek)
    const before = rowsIn(at('new'))
    expect((await tryMove(order())).code).toBe('store_not_empty')
    expect(rowsIn(at('new'))).toEqual(before)
  })

  test('while somebody holds one of the folders', async () => {
    for (const folder of [at('old'), at('new')]) {
      const held = openDataFolder(folder)
      expect((await tryMove(order())).code).toBe('data_folder_in_use')
      held.release()
    }
    expect((await tryMove(order())).code).toBe('moved')
  })

  test('to itself, by whatever name', async () => {
    expect((await tryMove({ from: at('old'), to: join(at('old'), '..', 'old') })).code).toBe(
      'invalid_request',
    )
  })

  test('from a folder that is not there or holds no vault, and none is made', async () => {
    expect((await tryMove({ ...order(), from: at('nowhere') })).code).toBe('not_found')
    mkdirSync(at('empty'))
    expect((await tryMove({ ...order(), from: at('empty') })).code).toBe('not_found')
    expect([existsSync(at('nowhere')), existsSync(at('new'))]).toEqual([false, false])
  })

  test.each(['mysql://u:secret@h/d', 'https://vault.example', 'postgres://u:secret@h', 'postgres://'])(
    'from %s, whose password is not repeated',
    async (from) => {
      const { code, message } = await tryMove({ ...order(), from })
      expect(code).toBe('invalid_request')
      expect(message).not.toContain('secret')
    },
  )

  test('from a file without saying how to open it, and into a file', async () => {
    writeFileSync(at('file'), 'x')
    expect((await tryMove({ ...order(), from: at('file') })).code).toBe('invalid_request')
    expect((await tryMove({ ...order(), to: at('file') })).code).toBe('invalid_request')
  })

  test('from what a newer version has written, from what an older one has, and from what is no database', async () => {
    const made = (when: number) =>
      tamper(at('old'), (client) => client.exec(`update __drizzle_migrations set created_at = ${when}`))
    made(99_999_999_999_999)
    expect((await tryMove(order())).code).toBe('database_newer')
    made(1)
    expect((await tryMove(order())).code).toBe('database_unreadable')
    writeFileSync(join(at('old'), DATABASE_FILE), 'no database at all '.repeat(100))
    expect((await tryMove(order())).code).toBe('database_unreadable')
  })
})

/** Lets the rows be copied, and then changes the target before it is compared. */
async function moveTampered(work: (client: Database.Database) => void, from = at('old')) {
  const stage = (name: string) => {
    if (name !== 'comparing') return
    throw Object.assign(new Error('paused'), { code: 'paused' })
  }
  expect((await tryMove({ from, to: at('new') }, { stage })).code).toBe('paused')
  tamper(at('new'), work)
  return tryMove({ from, to: at('new') })
}

describe('the comparison at the end', () => {
  test.each([
    [
      'a flipped bit of a leaf',
      'events',
      `update events set bytes = cast(substr(bytes, 1, 9) || x'00' || substr(bytes, 11) as blob) where place = (select min(place) + 2 from events)`,
    ],
    [
      'a flipped bit of an envelope',
      'fields',
      `update fields set envelope = cast(x'00' || substr(envelope, 2) as blob) where slot = 16`,
    ],
    ['another number', 'party_days', 'update party_days set used = used + 1'],
    ['a null that was none', 'parties', `update parties set contact = x'' where contact is null`],
    ['a row left out', 'tokens', 'delete from tokens where no = 1'],
    ['a row added', 'refs', `insert into refs values (1, 'platform', 'order', 'x', 'y')`],
    ['a row that changed its number', 'notes', 'update notes set no = 9999 where no = 1'],
  ])('finds %s', async (_, table, text) => {
    const { code, proof } = await moveTampered((client) => client.exec(text))
    expect(code).toBe('move_differs')
    expect(proof?.tables.filter(({ same }) => !same).map((one) => one.table)).toEqual([table])
    expect(() => openDatabase(join(at('new'), DATABASE_FILE))).toThrow(
      expect.objectContaining({ code: 'move_unfinished' }),
    )
  })

  test('finds nothing in what nobody changed', async () => {
    expect((await moveTampered(() => undefined)).code).toBe('moved')
  })

  test('refuses what no vault has written', async () => {
    const { code } = await moveTampered((client) =>
      client.exec(`update tokens set token = cast(x'fc' || substr(token, 2) as blob) where no = 1`),
    )
    expect(code).toBe('database_unreadable')
  })

  test.each([
    [
      'an event that is not what was hashed',
      `update events set bytes = cast(x'00' || substr(bytes, 2) as blob) where place = (select min(place) + 2 from events)`,
    ],
    ['a gap', 'delete from events where place = (select min(place) + 2 from events)'],
    [
      'a checkpoint of another root',
      `update logs set root = cast(x'00' || substr(root, 2) as blob) where tenant = 1`,
    ],
    [
      'a log cut short',
      'delete from events where place >= (select min(place) + 5 from events) and place < 2 * (select min(place) from events)',
    ],
  ])('refuses a source whose log has %s', async (_, text) => {
    tamper(at('old'), (client) => client.exec(text))
    const { code, message } = await tryMove(order())
    expect(code).toBe('log_damaged')
    expect(message).toMatch(/log of (default|second)/)
  })

  test('takes an event that retention has removed: its hash is there', async () => {
    tamper(at('old'), (client) =>
      client.exec(`update events set bytes = x'' where place = (select min(place) + 2 from events)`),
    )
    expect((await tryMove(order())).code).toBe('moved')
  })
})
