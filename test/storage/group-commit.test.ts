import { expect, onTestFinished, test } from 'vitest'
import type { SqliteDriver } from '../../src/storage/sqlite/driver.ts'
import { outcome } from '../contract/fixture.ts'
import { openInside, removeFolder, tempFolder } from './opened.ts'
import { ACME, append, newId, newTenant, storePerson } from './sample.ts'

/** Counts the transactions, each of which is one flush to disk. */
function counted() {
  const folder = tempFolder()
  const counts = { ended: 0, undone: 0 }
  const inside = openInside(folder, (driver): SqliteDriver => ({
    ...driver,
    transaction(run) {
      try {
        const result = driver.transaction(run)
        counts.ended += 1
        return result
      } catch (error) {
        counts.undone += 1
        throw error
      }
    },
  }))
  onTestFinished(async () => {
    await inside.store.close()
    removeFolder(folder)
  })
  return { ...inside, counts }
}

const doomed = () => [append(), { type: 'expect.grant', id: newId.grant(), version: 1 } as const]

test('lists that arrive in one turn share one flush', async () => {
  const { store, counts } = counted()
  await store.commit(ACME, newTenant(ACME).changes)
  counts.ended = 0
  await Promise.all(Array.from({ length: 100 }, () => store.commit(ACME, [append()])))
  expect(counts).toEqual({ ended: 1, undone: 0 })
  await store.commit(ACME, [append()])
  await store.commit(ACME, [append()])
  expect(counts.ended).toBe(3)
})

test('one list that conflicts is left out of the group, and the others keep their flush', async () => {
  const { store, counts } = counted()
  await store.commit(ACME, newTenant(ACME).changes)
  counts.ended = 0
  const lists = Array.from({ length: 50 }, (_, i) => (i === 20 ? doomed() : [append()]))
  const outcomes = await Promise.all(lists.map((changes) => outcome(store, changes)))
  expect(outcomes.map((one, i) => (one === 'kept' ? -1 : i)).filter((i) => i >= 0)).toEqual([20])
  expect(counts).toEqual({ ended: 1, undone: 1 })
  expect((await store.logHead(ACME)).size).toBe(49)
})

test('a mistake in one list rejects that list, as what it is', async () => {
  const { store } = counted()
  await store.commit(ACME, newTenant(ACME).changes)
  const good = store.commit(ACME, [append()])
  const broken = append()
  if (broken.type === 'event.append') broken.event.bytes = null as never
  await expect(store.commit(ACME, [broken])).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_NOTNULL' })
  await good
  expect((await store.logHead(ACME)).size).toBe(1)
})

test('a long queue is committed in bounded groups, in the order of arrival', async () => {
  const { store, counts } = counted()
  const world = newTenant(ACME)
  await store.commit(ACME, world.changes)
  counts.ended = 0
  const people = Array.from({ length: 1_000 }, () => storePerson(world.merchant))
  const order: number[] = []
  await Promise.all(
    people.map(async (person, i) => {
      await store.commit(ACME, person.changes)
      order.push(i)
    }),
  )
  expect(counts.ended).toBe(3)
  expect(order).toEqual(people.map((_, i) => i))
})

test('reads in between see no list half applied', async () => {
  const { store } = counted()
  const world = newTenant(ACME)
  await store.commit(ACME, world.changes)
  const person = storePerson(world.merchant)
  const committing = store.commit(ACME, person.changes)
  expect(await store.findPerson(ACME, person.subject.id)).toBeUndefined()
  await committing
  expect((await store.findPerson(ACME, person.subject.id))?.fields).toHaveLength(4)
})
