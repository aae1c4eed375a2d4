import { expect, onTestFinished, test } from 'vitest'
import { EVENT_TYPES } from '../../src/vault/audit/event.ts'
import { MAX_BOUND_PARAMS } from '../../src/storage/sqlite/statements.ts'
import type { SqliteDriver } from '../../src/storage/sqlite/driver.ts'
import { openInside, removeFolder, tempFolder } from './opened.ts'
import { ACME, AT, newId, newTenant, storeParcel, storePerson } from './sample.ts'

type Session = { prepareQuery(query: { sql: string; params: unknown[] }, ...rest: unknown[]): unknown }

/** Notes how many values each statement binds, from before the store prepares its first. */
function counting(driver: SqliteDriver, counts: Map<string, number>): SqliteDriver {
  const { session } = driver.db as unknown as { session: Session }
  const prepareQuery = session.prepareQuery.bind(session)
  session.prepareQuery = (query, ...rest) => {
    counts.set(query.sql, query.params.length)
    return prepareQuery(query, ...rest)
  }
  return driver
}

/** A store in which everything has been asked that has a statement made for the question. */
async function countAll(): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  const folder = tempFolder()
  const { store } = openInside(folder, (driver) => counting(driver, counts))
  onTestFinished(async () => {
    await store.close()
    removeFolder(folder)
  })
  const world = newTenant(ACME)
  const person = storePerson(world.merchant, 'customer-1')
  const parcel = storeParcel(person, world.merchant, world.courier)
  await store.commit(ACME, [...world.changes, ...person.changes, ...parcel.changes])
  const ids = Array.from({ length: 1_000 }, () => newId.subject())
  await store.findPersons(ACME, ids)
  await store.listStandingGrants(ACME, ids, world.courier)
  await store.listParties(ACME, { kind: 'courier', status: 'active' }, { limit: 9, after: world.courier })
  const filter = { subject: person.subject.id, party: world.courier, types: EVENT_TYPES, from: AT, to: AT }
  await store.listEvents(ACME, { ...filter, order: 'newest' }, { limit: 9, after: '5' })
  await store.listDue(ACME, { kind: 'disclosure_events', before: AT, types: EVENT_TYPES }, 9)
  return counts
}

test('no statement binds more than an object at the edge takes', async () => {
  const counts = await countAll()
  expect(counts.size).toBeGreaterThan(100)
  expect([...counts].filter(([, count]) => count > MAX_BOUND_PARAMS)).toEqual([])
})

test('negative control: below the largest of them, the check finds it', async () => {
  const counts = await countAll()
  const most = Math.max(...counts.values())
  expect([...counts].filter(([, count]) => count > most - 1)).not.toEqual([])
  expect(most).toBeGreaterThan(EVENT_TYPES.length)
})
