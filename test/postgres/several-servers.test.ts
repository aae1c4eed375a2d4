import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/runtime/node/config.ts'
import { hostUrls } from '../../src/runtime/node/postgres-hosts.ts'
import { openPostgresStore, writerOf } from '../../src/runtime/node/postgres.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import { outcome } from '../contract/fixture.ts'
import { ACME, append, newTenant } from '../storage/sample.ts'
import { startServer } from './server.ts'
import type { Server } from './server.ts'

const PASSWORD = 'one-of-several'
const OPTIONS = { connections: 2 }

let writing: Server
let following: Server
beforeAll(async () => {
  writing = await startServer([], { password: PASSWORD })
  following = await startServer([], { password: PASSWORD, standby: true })
})
afterAll(async () => {
  await writing.stop()
  await following.stop()
})

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

function hostOf({ url }: Server): string {
  return new URL(url).host
}

function urlOf(...hosts: string[]): string {
  return `postgres://postgres:${PASSWORD}@${hosts.join(',')}/postgres`
}

/** The store alone: whatever follows has no schema of the vault's. */
async function openOn(url: string): Promise<VaultStore> {
  const { store, close } = await openPostgresStore(url, OPTIONS)
  open.push(close)
  return store
}

async function hostFound(url: string): Promise<string> {
  const { connectionString } = await writerOf(url, {}).find()
  return new URL(connectionString ?? '').host
}

describe('a URL of several servers', () => {
  test('is taken apart as libpq does, and one that leads elsewhere than to a writer is refused', () => {
    expect(hostUrls('postgres://u:p@a:1,[::1]:2,c/name?sslmode=require')).toEqual([
      'postgres://u:p@a:1/name?sslmode=require',
      'postgres://u:p@[::1]:2/name?sslmode=require',
      'postgres://u:p@c/name?sslmode=require',
    ])
    const asked = (attrs: string) => hostUrls(`postgres://a,b/n?target_session_attrs=${attrs}`)?.length
    expect(['read-write', 'primary', 'any', 'standby', 'prefer-standby'].map(asked)).toEqual([
      2,
      2,
      undefined,
      undefined,
      undefined,
    ])
    for (const wrong of ['mysql://a/n', 'postgres://a:1,b:x/n', 'postgres://u:p@a,,b/n', 'no url']) {
      const refused = () => readConfig({ CLOAKROOM_DATABASE_URL: wrong })
      expect(refused).toThrow(/CLOAKROOM_DATABASE_URL/)
      expect(refused).not.toThrow(wrong)
    }
  })

  test('leads to the one that writes, wherever in the list it stands and whatever else is in it', async () => {
    const nobody = '127.0.0.1:1'
    for (const hosts of [
      [hostOf(writing), hostOf(following)],
      [hostOf(following), nobody, hostOf(writing)],
    ]) {
      const store = await openOn(urlOf(...hosts))
      const told = await outcome(store, newTenant(ACME).changes)
      expect(['kept', 'conflict']).toContain(told)
      expect(await outcome(store, [append()])).toBe('kept')
    }
  })

  test('none of which writes is unavailable', async () => {
    const refused = openPostgresStore(urlOf(hostOf(following), '127.0.0.1:1'), OPTIONS)
    await expect(refused).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('a server that only follows', () => {
  test('is read from by nobody, though it is the only one: what was revoked may be unrevoked there', async () => {
    const { store, close } = await openPostgresStore(writing.url, OPTIONS)
    open.push(close)
    await expect(openPostgresStore(following.url, OPTIONS)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await store.listTenants()).toBeDefined()
  })
})

describe('when another server is promoted', () => {
  test('it is the one, though the old one still says that it writes', async () => {
    const standby = await startServer([], { password: PASSWORD, standby: true })
    open.push(standby.stop)
    const hosts = urlOf(hostOf(writing), hostOf(standby))
    expect(await hostFound(hosts)).toBe(hostOf(writing))
    const client = new pg.Client({ connectionString: standby.url })
    await client.connect()
    await client.query('select pg_promote()')
    await client.end()
    expect(await hostFound(hosts)).toBe(hostOf(standby))
  })

  test('a process that was on the one that is gone goes on there, without being started again', async () => {
    const gone = await startServer([], { password: PASSWORD })
    const promoted = await startServer([], { password: PASSWORD })
    open.push(promoted.stop)
    await (await openPostgresStore(promoted.url, OPTIONS)).close()
    const store = await openOn(urlOf(hostOf(gone), hostOf(promoted)))
    await gone.stop()
    await expect
      .poll(() =>
        store.listTenants().then(
          () => 'read',
          () => 'not',
        ),
      )
      .toBe('read')
    await expect.poll(() => outcome(store, newTenant(ACME).changes)).toBe('kept')
  })
})
