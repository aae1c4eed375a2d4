import pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { openPostgresStore } from '../../src/runtime/node/postgres.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import { outcome } from '../contract/fixture.ts'
import { ACME, append, event, newTenant } from '../storage/sample.ts'
import { cuttableWay } from './cut-off.ts'
import { inside, newPlace, openAt, removePlace } from './opened.ts'
import type { Place } from './opened.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

async function placeWithTenant(): Promise<{ place: Place; store: VaultStore }> {
  const place = newPlace()
  open.push(() => removePlace(place))
  const { store, close } = await openAt(place)
  open.push(close)
  await store.commit(ACME, newTenant(ACME).changes)
  return { place, store }
}

async function openOverWay(place: Place) {
  const way = await cuttableWay(place.url)
  const { store, close } = await openPostgresStore(way.url, place.options)
  open.push(way.close, close)
  return { way, store }
}

/** Holds the tenant's row until told. */
async function holdTenant(place: Place): Promise<() => Promise<void>> {
  const client = new pg.Client({
    connectionString: place.url,
    options: `-c search_path=${place.options.schema}`,
  })
  await client.connect()
  await client.query('begin')
  await client.query('select 1 from tenants for update')
  return async () => {
    await client.query('rollback')
    await client.end()
  }
}

/** Ends the server's process that waits for the tenant's row. */
async function endWaiting(place: Place): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { rowCount } = await inside(place, (client) =>
      client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where wait_event_type = 'Lock' and query like '%for no key update%' and pid <> pg_backend_pid()`,
      ),
    )
    if (rowCount) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('nobody waited')
}

describe('a database that goes away', () => {
  test('refused by the server before the commit: nothing was done, and that is known', async () => {
    const { place, store } = await placeWithTenant()
    const before = await store.logHead(ACME)
    const letGo = await holdTenant(place)
    const told = outcome(store, [append()])
    await endWaiting(place)
    expect(await told).toBe('log_unavailable')
    await letGo()
    expect(await store.logHead(ACME)).toEqual(before)
    expect(await outcome(store, [append()])).toBe('kept')
  })

  test('before a connection was had: nothing is written, reads are unavailable, and afterwards it goes on', async () => {
    const { place } = await placeWithTenant()
    const { way, store } = await openOverWay(place)
    await store.findTenant(ACME)
    await store.logHead(ACME)
    await way.close()
    open.splice(open.indexOf(way.close), 1)
    await expect.poll(() => outcome(store, [append()])).toBe('log_unavailable')
    await expect(store.findTenant(ACME)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(store.ping()).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('lists that share a transaction', () => {
  test('one that the server cannot take fails alone, and every other stands', async () => {
    const { place, store } = await placeWithTenant()
    const letGo = await holdTenant(place)
    const before = (await store.logHead(ACME)).size
    const zero = { ...event(), leafHash: null as unknown as Uint8Array<ArrayBuffer> }
    const told = Array.from({ length: 9 }, (_, i) =>
      store.commit(ACME, [i === 5 ? { type: 'event.append', event: zero } : append()]).then(
        () => 'kept',
        (error: unknown) => (error instanceof pg.DatabaseError ? error.code : error),
      ),
    )
    await letGo()
    const notNull = '23502'
    expect(await Promise.all(told)).toEqual(told.map((_, i) => (i === 5 ? notNull : 'kept')))
    expect((await store.logHead(ACME)).size).toBe(before + 8)
  })
})
