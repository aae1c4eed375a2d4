import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import type { SqliteDriver } from '../../src/storage/sqlite/driver.ts'
import { outcome } from '../contract/fixture.ts'
import { dumpTables, openInside, removeFolder, tempFolder } from './opened.ts'
import { ACME, append, newTenant, storePerson } from './sample.ts'

/** A store whose next transactions end in the given failure instead of a commit. */
async function faulty() {
  const folder = tempFolder()
  const fault: { code: string | undefined } = { code: undefined }
  const inside = openInside(folder, (driver): SqliteDriver => ({
    ...driver,
    transaction: (run) =>
      driver.transaction(() => {
        const result = run()
        if (fault.code) throw new Database.SqliteError('injected', fault.code)
        return result
      }),
  }))
  onTestFinished(async () => {
    await inside.store.close()
    removeFolder(folder)
  })
  const world = newTenant(ACME)
  await inside.store.commit(ACME, world.changes)
  return { ...inside, fault, world }
}

test.each(['SQLITE_FULL', 'SQLITE_READONLY', 'SQLITE_IOERR_WRITE', 'SQLITE_BUSY'])(
  '%s: nothing of the group is kept, every list is told, and writing comes back with the disk',
  async (code) => {
    const { store, client, fault, fatal } = await faulty()
    const before = dumpTables(client)
    fault.code = code
    const lists = Array.from({ length: 20 }, () => [append()])
    const outcomes = await Promise.all(lists.map((changes) => outcome(store, changes)))
    expect(new Set(outcomes)).toEqual(new Set(['log_unavailable']))
    expect(dumpTables(client)).toEqual(before)
    await expect(store.ping()).rejects.toMatchObject({ code: 'unavailable' })
    fault.code = undefined
    await store.ping()
    expect(await outcome(store, [append()])).toBe('kept')
    expect(fatal).toEqual([])
  },
)

test.each(['SQLITE_IOERR_FSYNC', 'SQLITE_IOERR_DIR_FSYNC', 'SQLITE_CORRUPT'])(
  '%s: the store has failed for good, even if the next flush would succeed',
  async (code) => {
    const { store, fault, fatal } = await faulty()
    fault.code = code
    await expect(store.commit(ACME, [append()])).rejects.toMatchObject({ code: 'unavailable' })
    expect(fatal).toHaveLength(1)
    fault.code = undefined
    expect(await outcome(store, [append()])).toBe('log_unavailable')
    await expect(store.ping()).rejects.toMatchObject({ code: 'unavailable' })
    expect(fatal).toHaveLength(1)
  },
)

test('a full disk: nothing half written, nothing lost, and writing comes back with the room', async () => {
  const { store, client, world } = await faulty()
  const pages = Number(client.pragma('page_count', { simple: true }))
  client.pragma(`max_page_count = ${pages + 40}`)
  const kept: string[] = []
  let refusal = ''
  for (let i = 0; refusal === ''; i++) {
    const answer = await outcome(store, storePerson(world.merchant, `ref-${i}`).changes)
    if (answer === 'kept') kept.push(`ref-${i}`)
    else refusal = answer
  }
  expect(refusal).toBe('log_unavailable')
  expect((await store.findPersonsByRef(ACME, world.merchant, kept)).length).toBe(kept.length)
  expect((await store.logHead(ACME)).size).toBe(kept.length)
  client.pragma(`max_page_count = ${pages + 4_000}`)
  expect(await outcome(store, storePerson(world.merchant).changes)).toBe('kept')
  expect(client.pragma('integrity_check', { simple: true })).toBe('ok')
})

test('an engine that undoes the whole transaction by itself leaves no list of the group outside of one', async () => {
  const { store, client, world } = await faulty()
  client.pragma(`max_page_count = ${Number(client.pragma('page_count', { simple: true })) + 1}`)
  const before = dumpTables(client)
  const lists = Array.from({ length: 40 }, () => storePerson(world.merchant).changes)
  const outcomes = await Promise.all(lists.map((changes) => outcome(store, changes)))
  expect(new Set(outcomes)).toEqual(new Set(['log_unavailable']))
  expect(client.inTransaction).toBe(false)
  expect(dumpTables(client)).toEqual(before)
})
