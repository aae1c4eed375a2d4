import Database from 'better-sqlite3'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DATABASE_FILE, openSqliteStore } from '../../src/runtime/node/sqlite.ts'
import { openInside, removeFolder, tempFolder } from './opened.ts'
import { ACME, newTenant, storePerson } from './sample.ts'

const ONLY_HERE = { onFatal: () => undefined }
const SQLITE_MODULE = new URL('../../src/runtime/node/sqlite.ts', import.meta.url).href

function folder(): string {
  const path = tempFolder()
  onTestFinished(() => removeFolder(path))
  return path
}

async function refusal(path: string): Promise<unknown> {
  try {
    const { close } = await openSqliteStore(path, ONLY_HERE)
    await close()
    return 'opened'
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

/** Opens the store in another process and says which code that was refused with. */
function script(path: string, afterwards: string): string {
  return `
    import { openSqliteStore } from ${JSON.stringify(SQLITE_MODULE)}
    try {
      const opened = await openSqliteStore(${JSON.stringify(path)}, { onFatal() {} })
      console.log('opened')
      ${afterwards}
    } catch (error) {
      console.log(error.code)
    }`
}

const NOBODY = 65_534
const NODE_ARGS = ['--input-type=module', '--eval']

test('the folder is made for its owner alone', async () => {
  const path = join(folder(), 'new', 'deep')
  expect(await refusal(path)).toBe('opened')
  expect(statSync(path).mode & 0o777).toBe(0o700)
})

test('a second opening is refused in words, in this process and in another, until the first ends', async () => {
  const path = folder()
  const { close } = await openSqliteStore(path, ONLY_HERE)
  expect(await refusal(path)).toBe('data_folder_in_use')
  const other = spawnSync(process.execPath, [...NODE_ARGS, script(path, '')], { encoding: 'utf8' })
  expect(other.stdout.trim()).toBe('data_folder_in_use')
  await close()
  expect(await refusal(path)).toBe('opened')
})

test('a holder that is killed holds no more', async () => {
  const path = folder()
  const child = spawn(process.execPath, [...NODE_ARGS, script(path, 'setInterval(() => {}, 1000)')])
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  expect(await refusal(path)).toBe('data_folder_in_use')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await refusal(path)).toBe('opened')
})

test('a folder that cannot be written to is refused', async () => {
  const path = folder()
  const file = join(path, 'a-file')
  writeFileSync(file, '')
  expect(await refusal(file)).toBe('data_folder_unwritable')
  const readOnly = join(path, 'read-only')
  mkdirSync(readOnly, { mode: 0o500 })
  expect(await refusalAsOrdinaryUser(readOnly)).toBe('data_folder_unwritable')
})

/** Permissions do not bind root, so root asks in somebody else's name. */
async function refusalAsOrdinaryUser(path: string): Promise<unknown> {
  if (process.getuid?.() !== 0) return refusal(path)
  chmodSync(join(path, '..'), 0o755)
  chownSync(path, NOBODY, NOBODY)
  const options = { encoding: 'utf8', uid: NOBODY, gid: NOBODY } as const
  return spawnSync(process.execPath, [...NODE_ARGS, script(path, '')], options).stdout.trim()
}

test('what is no database, or is one no more, is refused and left as it is', async () => {
  const path = folder()
  const file = join(path, DATABASE_FILE)
  const notes = 'not a database, but somebody may want it\n'.repeat(100)
  writeFileSync(file, notes)
  expect(await refusal(path)).toBe('database_unreadable')
  expect(readFileSync(file, 'utf8')).toBe(notes)
})

test('a database that was torn off is refused', async () => {
  const path = folder()
  const { store } = openInside(path)
  const world = newTenant(ACME)
  const people = Array.from({ length: 500 }, () => storePerson(world.merchant))
  await store.commit(ACME, [...world.changes, ...people.flatMap(({ changes }) => changes)])
  await store.close()
  truncateSync(join(path, DATABASE_FILE), 8 * 4096 + 100)
  expect(await refusal(path)).toBe('database_unreadable')
})

test('a database that a newer version has changed is refused and left as it is', async () => {
  const path = folder()
  await (await openSqliteStore(path, ONLY_HERE)).close()
  const file = join(path, DATABASE_FILE)
  const later = new Database(file)
  later
    .prepare('insert into __drizzle_migrations (hash, created_at) values (?, ?)')
    .run('later', Date.now() + 1e9)
  later.pragma('journal_mode = DELETE')
  later.close()
  const before = readFileSync(file)
  expect(await refusal(path)).toBe('database_newer')
  expect(await refusal(path)).toBe('database_newer')
  const reopened = new Database(file, { readonly: true })
  onTestFinished(() => void reopened.close())
  expect(reopened.prepare('select count(*) from __drizzle_migrations').pluck().get()).toBe(2)
  expect(readFileSync(file).length).toBe(before.length)
})

test('a folder where the database should be is refused', async () => {
  const path = folder()
  mkdirSync(join(path, DATABASE_FILE))
  expect(await refusal(path)).toBe('data_folder_unwritable')
})
