import { afterEach, describe, expect, test } from 'vitest'
import { openPostgresStore } from '../../src/runtime/node/postgres.ts'
import { ACME, newTenant } from '../storage/sample.ts'
import { inside, newPlace, openAt, removePlace } from './opened.ts'
import type { Place } from './opened.ts'
import { startServer } from './server.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

async function empty(): Promise<Place> {
  const place = newPlace()
  open.push(() => removePlace(place))
  return place
}

describe('opening a database', () => {
  test('five nodes that start at once on an empty one all have the schema, made once', async () => {
    const place = await empty()
    const opened = await Promise.all(Array.from({ length: 5 }, () => openAt(place)))
    await opened[0]!.store.commit(ACME, newTenant(ACME).changes)
    for (const { store } of opened) expect(await store.findTenant(ACME)).toMatchObject({ id: ACME })
    await Promise.all(opened.map(({ close }) => close()))
    const { rows } = await inside(place, (client) => client.query('select * from __drizzle_migrations'))
    expect(rows).toHaveLength(1)
  })

  test('one that a newer version has written is refused, and left as it is', async () => {
    const place = await empty()
    await (await openAt(place)).close()
    await inside(place, (client) =>
      client.query(`insert into __drizzle_migrations (hash, created_at) values ('newer', 99999999999999)`),
    )
    await expect(openAt(place)).rejects.toMatchObject({ code: 'database_newer' })
  })

  test('one that does not answer is unavailable', async () => {
    const refused = openPostgresStore('postgres://nobody@127.0.0.1:1/none')
    await expect(refused).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('a wrong password is said, and not in so many words', async () => {
    const { url } = await empty()
    const wrong = url.replace(/:[0-9a-f]+@/, ':wrong-password@')
    const refused = openPostgresStore(wrong).catch((error: unknown) => error)
    expect(await refused).toMatchObject({ code: 'config_invalid' })
    expect(String(await refused)).not.toContain('wrong-password')
  })

  test('a server that does not flush is refused', async () => {
    const server = await startServer(['-c', 'fsync=off'])
    open.push(server.stop)
    await expect(openPostgresStore(server.url)).rejects.toMatchObject({ code: 'durability_not_held' })
  })
})
