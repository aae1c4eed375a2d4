import pg from 'pg'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { postgresDriver, writerOf } from '../../src/runtime/node/postgres.ts'
import type { TransactionError, SharedDriver } from '../../src/storage/postgres/driver.ts'
import { postgresStore } from '../../src/storage/postgres/store.ts'
import type { Change } from '../../src/vault/changes.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import { outcome } from '../contract/fixture.ts'
import { ACME, event, newId, newTenant } from '../storage/sample.ts'
import { cuttableWay } from './cut-off.ts'
import type { Way } from './cut-off.ts'
import { inside, newPlace, openAt, removePlace } from './opened.ts'
import type { Place } from './opened.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  for (const close of open.splice(0).toReversed()) await close()
})

type Opened = { place: Place; way: Way; store: VaultStore }
type DriverChange = (driver: SharedDriver, way: Way) => SharedDriver
const asItIs: DriverChange = (driver) => driver

/** A store over a way that can be cut. */
async function openChanged(change = asItIs): Promise<Opened> {
  const place = newPlace()
  open.push(() => removePlace(place))
  const near = await openAt(place)
  await near.store.commit(ACME, newTenant(ACME).changes)
  await near.close()
  const way = await cuttableWay(place.url)
  const options = { ...place.options, settleMs: 2_000 }
  const store = postgresStore(change(postgresDriver(writerOf(way.url, options), options), way))
  open.push(way.close, () => store.close())
  await store.logHead(ACME)
  return { place, way, store }
}

type List = { id: string; changes: Change[] }

/** A list with an event, that does not hold if it rests on a grant which there is not. */
function list(holds: boolean, more: Change[] = []): List {
  const sealed = event()
  const rests: Change[] = holds ? [] : [{ type: 'expect.grant', id: newId.grant(), version: 1 }]
  return { id: sealed.event.id, changes: [...rests, ...more, { type: 'event.append', event: sealed }] }
}

const asLists = (many: number, holding: readonly number[]) =>
  Array.from({ length: many }, (_, i) => list(holding.includes(i)))

const insertRef = (ref: string): Change => ({
  type: 'ref.insert',
  party: null,
  kind: 'operator',
  ref,
  id: newId.operator(),
})

async function commitAll(store: VaultStore, lists: readonly List[]) {
  const query = vi.spyOn(pg.Client.prototype, 'query')
  const told = await Promise.all(lists.map(({ changes }) => outcome(store, changes)))
  const sent = query.mock.calls.map(([first]): unknown => first)
  const begins = sent.filter((text) => typeof text === 'string' && text.startsWith('begin ')).length
  query.mockRestore()
  return { told, begins }
}

/** The log as it is: ids in the order of their places, and how far these lie apart. */
async function logOf(place: Place) {
  const { rows } = await inside(place, (client) =>
    client.query<{ id: string; gap: string | null }>(
      'select id, place - lag(place) over (order by place) as gap from events order by place',
    ),
  )
  return { ids: rows.map(({ id }) => id), gaps: new Set(rows.slice(1).map(({ gap }) => Number(gap))) }
}

const FEW = 12

describe('a hundred lists at once of which three hold', () => {
  const HOLDING = [7, 50, 51]
  const expected = (lists: readonly List[]) =>
    lists.map((_, i) => (HOLDING.includes(i) ? 'kept' : 'conflict'))
  const kept = (lists: readonly List[]) => HOLDING.map((i) => lists[i]?.id)

  test('are few transactions; each is told what came of itself, and the log has them in order without a gap', async () => {
    const { place, store } = await openChanged()
    const lists = asLists(100, HOLDING)
    const { told, begins } = await commitAll(store, lists)
    expect(told).toEqual(expected(lists))
    expect(begins).toBeLessThanOrEqual(FEW)
    expect(await logOf(place)).toEqual({ ids: kept(lists), gaps: new Set([1]) })
  })

  test('negative control: each in a transaction of its own is many', async () => {
    const { place, store } = await openChanged((driver) => ({
      ...driver,
      async transactEach(head, lists) {
        const whys = []
        for (const one of lists) {
          const sent = driver.transact([...head, ...one])
          whys.push(
            await sent.then(
              () => undefined,
              (error: unknown) => error as TransactionError,
            ),
          )
        }
        return whys
      },
    }))
    const lists = asLists(100, HOLDING)
    const { told, begins } = await commitAll(store, lists)
    expect(told).toEqual(expected(lists))
    expect(begins).toBeGreaterThan(100)
    expect((await logOf(place)).ids).toEqual(kept(lists))
  })

  test('negative control: without undoing each by itself, one takes the others with it', async () => {
    const { place, store } = await openChanged((driver) => ({
      ...driver,
      async transactEach(head, lists) {
        const sent = driver.transact([...head, ...lists.flat()])
        const why = await sent.then(
          () => undefined,
          (error: unknown) => error as TransactionError,
        )
        return lists.map(() => why)
      },
    }))
    const lists = asLists(100, HOLDING)
    const { told } = await commitAll(store, lists)
    expect(told).not.toEqual(expected(lists))
    expect((await logOf(place)).ids).not.toEqual(kept(lists))
  })
})

test('a hundred lists that would add the same name are few transactions, and the first adds it', async () => {
  const { place, store } = await openChanged()
  const lists = Array.from({ length: 100 }, () => list(true, [insertRef('anna')]))
  const { told, begins } = await commitAll(store, lists)
  expect(told).toEqual(lists.map((_, i) => (i === 0 ? 'kept' : 'conflict')))
  expect(begins).toBeLessThanOrEqual(FEW)
  expect((await logOf(place)).ids).toEqual([lists[0]?.id])
})

test('a list that the server cannot take is told so, and those beside it stand', async () => {
  const { place, store } = await openChanged()
  const zero = { ...event(), leafHash: null as unknown as Uint8Array<ArrayBuffer> }
  const lists = [list(true), list(false), list(true)]
  const bad = store.commit(ACME, [{ type: 'event.append', event: zero }]).catch((error: unknown) => error)
  expect((await commitAll(store, lists)).told).toEqual(['kept', 'conflict', 'kept'])
  expect(await bad).toMatchObject({ code: '23502' })
  expect((await logOf(place)).ids).toEqual([lists[0]?.id, lists[2]?.id])
})

/** Ten lists, every third of which does not hold. */
const mixed = () => Array.from({ length: 10 }, (_, i) => list(i % 3 !== 0))
const MIXED = mixed().map((_, i) => (i % 3 === 0 ? 'conflict' : 'kept'))

/** The connection is lost once lists have gone apart. */
const cutting =
  (options: Parameters<Way['cutAtCommit']>[0], broken: (driver: SharedDriver) => SharedDriver = (is) => is) =>
  (driver: SharedDriver, way: Way): SharedDriver => {
    const changed = broken(driver)
    let cut = false
    return {
      ...changed,
      transactEach(head, lists) {
        if (!cut) way.cutAtCommit(options)
        cut = true
        return changed.transactEach(head, lists)
      },
    }
  }

/** What was told and is not so: acknowledged and not there, refused and there, or there twice. */
async function lies(place: Place, lists: readonly List[], told: readonly string[]): Promise<string[]> {
  const { ids } = await logOf(place)
  return lists.flatMap(({ id }, i) => {
    const there = ids.filter((other) => other === id).length
    const mayBe = told[i] === 'kept' ? [1] : told[i] === 'unavailable' ? [0, 1] : [0]
    return mayBe.includes(there) ? [] : [`${told[i]}, and ${there} times there`]
  })
}

describe('lists that go apart, and whose connection is lost at the commit', () => {
  for (const deliver of [true, false]) {
    test(`are each told what came of it, the server ${deliver ? 'having' : 'not having'} it`, async () => {
      const { place, store } = await openChanged(cutting({ deliver }))
      const lists = mixed()
      const { told } = await commitAll(store, lists)
      expect(told).toEqual(MIXED)
      expect(await lies(place, lists, told)).toEqual([])
      expect((await logOf(place)).gaps).toEqual(new Set([1]))
    })
  }

  test('may be done or not where no server is left to ask, unless the server had refused them', async () => {
    const { place, store } = await openChanged(cutting({ deliver: true, forGood: true }))
    const lists = mixed()
    const { told } = await commitAll(store, lists)
    expect(told.filter((_, i) => MIXED[i] === 'kept')).toEqual(
      MIXED.flatMap((it) => (it === 'kept' ? ['unavailable'] : [])),
    )
    expect(await lies(place, lists, told)).toEqual([])
  })

  test('negative control: what was not refused is not there for that', async () => {
    const { place, store } = await openChanged(
      cutting({ deliver: false }, (driver) => ({
        ...driver,
        async transactEach(head, lists) {
          const whys = await driver.transactEach(head, lists)
          return whys.map((why) => (why?.fault === 'unknown' ? undefined : why))
        },
      })),
    )
    const lists = mixed()
    const { told } = await commitAll(store, lists)
    expect((await lies(place, lists, told)).length).toBeGreaterThan(0)
  })
})

/** Holds a name that nobody can add meanwhile, and ends the server's process that wants to. */
async function whileNameIsHeld<T>(place: Place, ref: string, work: () => Promise<T>): Promise<T> {
  return inside(place, async (client) => {
    await client.query('begin')
    await client.query(
      `insert into refs (tenant, owner, kind, ref, id) select no, 'platform', 'operator', $1, 'opr_held' from tenants`,
      [ref],
    )
    const done = work()
    await expect.poll(() => inside(place, endWaiting), { timeout: 10_000 }).toBe(1)
    await client.query('rollback')
    return done
  })
}

const endWaiting = async (client: pg.Client) =>
  (
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where wait_event_type = 'Lock' and query like '%insert into "refs"%' and pid <> pg_backend_pid()`,
    )
  ).rowCount

test('of lists that go apart and whose server process is ended in the middle, the others are done once', async () => {
  const { place, store } = await openChanged()
  const lists = [list(false), list(true), list(true, [insertRef('anna')]), list(true)]
  const { told } = await whileNameIsHeld(place, 'anna', () => commitAll(store, lists))
  expect(told).toEqual(['conflict', 'kept', 'log_unavailable', 'kept'])
  expect(await lies(place, lists, told)).toEqual([])
  expect(await logOf(place)).toEqual({ ids: [lists[1]?.id, lists[3]?.id], gaps: new Set([1]) })
})
