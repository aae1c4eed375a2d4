import { afterEach, describe, expect, test } from 'vitest'
import pg from 'pg'
import { postgresDriver, writerOf } from '../../src/runtime/node/postgres.ts'
import { TransactionError } from '../../src/storage/postgres/driver.ts'
import type { LostSession, PostgresDriver } from '../../src/storage/postgres/driver.ts'
import { postgresStore } from '../../src/storage/postgres/store.ts'
import type { Change } from '../../src/vault/changes.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import { outcome } from '../contract/fixture.ts'
import { ACME, append, event, newTenant } from '../storage/sample.ts'
import { cuttableWay } from './cut-off.ts'
import type { Way } from './cut-off.ts'
import { inside, newPlace, openAt, removePlace } from './opened.ts'
import type { Place } from './opened.ts'
import { startServer } from './server.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

type DriverChange = (driver: PostgresDriver) => PostgresDriver
const asItIs: DriverChange = (driver) => driver

/** Broken: what was lost is not looked up. */
const withoutSettling: DriverChange = (driver) => ({ ...driver, settle: () => Promise.resolve('unknown') })

type Far = { way: Way; driver: PostgresDriver; far: VaultStore; store: VaultStore; place: Place }

/** A store over a way that can be cut, and one straight to the same place. */
async function openFar(change = asItIs): Promise<Far> {
  const place = newPlace()
  open.push(() => removePlace(place))
  const { store, close } = await openAt(place)
  await store.commit(ACME, newTenant(ACME).changes)
  const way = await cuttableWay(place.url)
  const driver = change(
    postgresDriver(writerOf(way.url, place.options), { ...place.options, settleMs: 2_000 }),
  )
  const far = postgresStore(driver)
  open.push(close, way.close, () => far.close())
  return { way, driver, far, store, place }
}

describe('a commit whose connection is lost after everything was sent', () => {
  test('stands where the server had it, and that is what is said', async () => {
    const { way, far, store } = await openFar()
    const sealed = event()
    const { size } = await store.logHead(ACME)
    way.cutAtCommit({ deliver: true })
    expect(await outcome(far, [{ type: 'event.append', event: sealed }])).toBe('kept')
    expect(await store.findEvent(ACME, sealed.event.id)).toBeDefined()
    expect((await store.logHead(ACME)).size).toBe(size + 1)
  })

  test('is sent once more where the server had it not, and stands once', async () => {
    const { way, far, store } = await openFar()
    const { size } = await store.logHead(ACME)
    way.cutAtCommit({ deliver: false })
    expect(await outcome(far, [append()])).toBe('kept')
    expect((await store.logHead(ACME)).size).toBe(size + 1)
  })

  test('is settled for every list that shared it', async () => {
    for (const deliver of [true, false]) {
      const { way, far, store } = await openFar()
      const { size } = await store.logHead(ACME)
      way.cutAtCommit({ deliver })
      const told = await Promise.all(Array.from({ length: 7 }, () => outcome(far, [append()])))
      expect(told).toEqual(told.map(() => 'kept'))
      expect((await store.logHead(ACME)).size).toBe(size + 7)
    }
  })

  test('may be done or not where nothing can be looked up: for want of an event, or of a server', async () => {
    const { way, far, store } = await openFar()
    const settings: Change = { type: 'tenant.set_settings', settings: { revealsPerDay: 7 } as never }
    way.cutAtCommit({ deliver: true })
    expect(await outcome(far, [settings])).toBe('unavailable')
    way.cutAtCommit({ deliver: true, forGood: true })
    const { size } = await store.logHead(ACME)
    expect(await outcome(far, [append()])).toBe('unavailable')
    expect((await store.logHead(ACME)).size).toBe(size + 1)
  })

  test('negative control: without looking up, nobody knows of either', async () => {
    for (const deliver of [true, false]) {
      const { way, far } = await openFar(withoutSettling)
      way.cutAtCommit({ deliver })
      expect(await outcome(far, [append()])).toBe('unavailable')
    }
  })
})

/** @returns whether a row stands after all, of which it was said that it never will. */
async function standsAfterUndone(sessionOf: (lost: TransactionError) => LostSession): Promise<boolean> {
  const { way, driver, place } = await openFar()
  await inside(place, (client) => client.query('create table late (no int)'))
  way.cutAtCommit({ deliver: 'later' })
  const lost = await driver.transact([{ text: 'insert into late values (1)', values: [] }]).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(lost instanceof TransactionError)) throw new Error('the connection was not lost')
  const look = { text: 'select cloakroom_must(count(*)) from late', values: [] }
  expect(await driver.settle(sessionOf(lost), [look])).toBe('undone')
  way.deliverLate()
  await new Promise((resolve) => setTimeout(resolve, 500))
  return inside(place, async (client) => (await client.query('select from late')).rowCount === 1)
}

describe('what was said to be undone', () => {
  test('stays undone, when the server gets it late', async () => {
    expect(await standsAfterUndone((lost) => lost.session!)).toBe(false)
  })

  test('negative control: where the lost session is left alone, it is done after all', async () => {
    expect(await standsAfterUndone((lost) => ({ ...lost.session!, pid: 0 }))).toBe(true)
  })
})

describe('a commit that waits for a standby', () => {
  test('is not acknowledged when somebody breaks off the waiting', async () => {
    const server = await startServer()
    open.push(server.stop)
    const place: Place = {
      url: server.url,
      options: { schema: 'public', commitTimeoutMs: 1_000, settleMs: 1_000 },
    }
    const { store, close } = await openAt(place)
    open.push(close)
    await store.commit(ACME, newTenant(ACME).changes)
    await waitForStandby(place, 'nobody')
    const told = outcome(store, [append()])
    await expect.poll(() => breakOff(place)).toBe(1)
    expect(await told).toBe('unavailable')
    await waitForStandby(place, '')
    expect(await outcome(store, [append()])).toBe('kept')
  })

  test('is waited for by an empty list too, which only asks whether what was seen is safe', async () => {
    const server = await startServer()
    open.push(server.stop)
    const place: Place = { url: server.url, options: { schema: 'public', commitTimeoutMs: 1_000 } }
    const { store, close } = await openAt(place)
    open.push(close)
    await store.commit(ACME, newTenant(ACME).changes)
    await waitForStandby(place, 'nobody')
    expect(await outcome(store, [])).toBe('unavailable')
    // Negative control: what does not write is told at once.
    const driver = postgresDriver(writerOf(place.url, place.options), place.options)
    open.push(() => driver.close())
    await driver.transact([{ text: 'select 1 from tenants', values: [] }])
    await waitForStandby(place, '')
    expect(await outcome(store, [])).toBe('kept')
  })

  test('negative control: the server itself says that it is done', async () => {
    const server = await startServer()
    open.push(server.stop)
    const place: Place = { url: server.url, options: { schema: 'public' } }
    await waitForStandby(place, 'nobody')
    await inside(place, async (client) => {
      const told = client.query('create table t ()')
      await expect.poll(() => breakOff(place)).toBe(1)
      expect((await told).command).toBe('CREATE')
    })
    await waitForStandby(place, '')
  })
})

async function waitForStandby(place: Place, name: string): Promise<void> {
  await inside(place, async (client) => {
    await client.query(`alter system set synchronous_standby_names = '${name}'`)
    await client.query('select pg_reload_conf()')
    const shown = async () =>
      (await client.query<{ synchronous_standby_names: string }>('show synchronous_standby_names')).rows[0]
    await expect.poll(shown).toEqual({ synchronous_standby_names: name })
  })
}

/** @returns how many commits were waiting for a standby, and do not wait any more. */
async function breakOff(place: Place): Promise<number | null> {
  const client = new pg.Client({ connectionString: place.url })
  await client.connect()
  const { rowCount } = await client.query(
    `select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`,
  )
  await client.end()
  return rowCount
}
