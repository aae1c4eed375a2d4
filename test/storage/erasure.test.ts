import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { SqliteDriver } from '../../src/storage/sqlite/driver.ts'
import { openInside, removeFolder, tempFolder } from './opened.ts'
import { ACME, AT, append, newTenant, storePerson } from './sample.ts'
import type { StoredPerson } from './sample.ts'

const PERSONS = 3_000
const ERASED = 1_000

type Tampering = {
  wrap?: (driver: SqliteDriver) => SqliteDriver
  prepare?: (client: ReturnType<typeof openInside>['client']) => void
}

function wrappedKey(person: StoredPerson): Buffer {
  const inserted = person.changes.find((change) => change.type === 'subject.insert')
  return Buffer.from(inserted!.dataKey.wrapped)
}

/** How many of these keys stand, whole or by their second half, in any file of the folder. */
function keysFound(folder: string, people: readonly StoredPerson[]): number {
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)))
  return people.filter((person) => {
    const key = wrappedKey(person)
    const half = key.subarray(key.length / 2)
    return files.some((file) => file.includes(half) || file.includes(key.subarray(0, key.length / 2)))
  }).length
}

/** Stores thousands, erases every third with traffic in between, and scans the files of the store while it is open. */
async function erasedAndScanned({ wrap, prepare }: Tampering = {}) {
  const folder = tempFolder()
  const { store, client } = openInside(folder, wrap)
  onTestFinished(async () => {
    await store.close()
    removeFolder(folder)
  })
  prepare?.(client)
  const world = newTenant(ACME)
  await store.commit(ACME, world.changes)
  const people = Array.from({ length: PERSONS }, (_, i) => storePerson(world.merchant, `ref-${i}`))
  for (let i = 0; i < PERSONS; i += 50) {
    await Promise.all(people.slice(i, i + 50).map(({ changes }) => store.commit(ACME, changes)))
  }
  const leaving = people.filter((_, i) => i % 3 === 0).slice(0, ERASED)
  const staying = people.filter((person) => !leaving.includes(person))
  for (let i = 0; i < ERASED; i += 100) {
    await Promise.all([
      ...leaving
        .slice(i, i + 100)
        .map(({ subject: { id } }) =>
          store.commit(ACME, [
            { type: 'subject.erase', id, expectedVersion: 1, at: AT },
            append({ subject: id }),
          ]),
        ),
      store.commit(ACME, storePerson(world.merchant).changes),
    ])
  }
  return { erased: keysFound(folder, leaving), others: keysFound(folder, staying), staying: staying.length }
}

test('the data keys of 1,000 erased persons are in no file, and those of the others are untouched', async () => {
  const { erased, others, staying } = await erasedAndScanned()
  expect(erased).toBe(0)
  expect(others).toBe(staying)
})

test('negative control: without emptying the log, the scan finds them', async () => {
  const { erased } = await erasedAndScanned({
    wrap: (driver) => ({ ...driver, scrub: () => undefined }),
    prepare: (client) => void client.pragma('wal_autocheckpoint = 0'),
  })
  expect(erased).toBe(ERASED)
})

test('negative control: deleting rows without secure_delete leaves keys behind, although the log is emptied', async () => {
  const { erased } = await erasedAndScanned({
    prepare(client) {
      client.pragma('secure_delete = OFF')
      // Instead of zeros over the key, what most would do.
      client.exec(
        `create trigger naive before update of wrapped on data_keys
         begin delete from data_keys where person = old.person; end`,
      )
    },
  })
  expect(erased).toBeGreaterThan(0)
})

test('a failed emptying of the log is told to the one who erased, as often as it is asked, and is made good at the next commit', async () => {
  const folder = tempFolder()
  let failing = true
  const { store } = openInside(folder, (driver) => ({
    ...driver,
    scrub() {
      if (failing) throw new Error('busy')
      driver.scrub()
    },
  }))
  onTestFinished(async () => {
    await store.close()
    removeFolder(folder)
  })
  const world = newTenant(ACME)
  const person = storePerson(world.merchant)
  await store.commit(ACME, [...world.changes, ...person.changes])
  const erase = { type: 'subject.erase', id: person.subject.id, expectedVersion: 1, at: AT } as const
  const bystander = store.commit(ACME, [append()])
  await expect(store.commit(ACME, [erase])).rejects.toMatchObject({ code: 'unavailable' })
  // Whoever asks again is not told that it is done either.
  await expect(store.commit(ACME, [])).rejects.toMatchObject({ code: 'unavailable' })
  await bystander
  failing = false
  await store.commit(ACME, [])
  expect(keysFound(folder, [person])).toBe(0)
})
