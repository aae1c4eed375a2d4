import { Hono } from 'hono'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { timedId } from '../../src/core/id.ts'
import { instant } from '../../src/core/time.ts'
import { newCredential } from '../../src/crypto/credential.ts'
import { newKey } from '../../src/crypto/envelope.ts'
import { localKek } from '../../src/crypto/kek.ts'
import { createApp } from '../../src/http/app.ts'
import { random } from '../../src/runtime/node/random.ts'
import { openDatabase, sqliteDriver } from '../../src/runtime/node/sqlite.ts'
import { sqliteStore } from '../../src/storage/sqlite/store.ts'
import type { Change } from '../../src/vault/changes.ts'
import { Keyring } from '../../src/vault/keys/keyring.ts'
import { createTenant } from '../../src/vault/principals/tenants.ts'
import { Channels } from '../../src/vault/incidents/notices/channel.ts'
import { InFlight } from '../../src/vault/requests/idempotency.ts'
import { WatchMemory } from '../../src/vault/watch/memory.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import { ByteSearch, spellingsOf } from './byte-search.ts'
import { lookForAll, makeCanary } from './p09-p12-canary.ts'
import type { Canary } from './p09-p12-canary.ts'
import { everyFlow, makeWorld } from './p09-p12-flows.ts'
import { TENANT } from './p09-p12-service.ts'

/** A service that leaks, and the same search over what it leaves behind. */

const PERSONS = 3

export async function findLeaks(): Promise<{ broken: string; found: number }> {
  const { log, database } = await leak()
  const found = [log, database, spellingsFound()]
  return {
    broken:
      'bodies written to the log; a text of each body in a column; a value in every spelling within other bytes',
    found: Math.min(...found),
  }
}

/** Runs every flow against the leaking service. @returns how many of the persons were found where. */
async function leak(): Promise<{ log: number; database: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'cloakroom-leaking-'))
  const store = sqliteStore(sqliteDriver(openDatabase(join(folder, 'cloakroom.sqlite'))), {
    onFatal: (cause) => {
      throw cause
    },
  })
  const canaries = Array.from({ length: PERSONS }, (_, no) => makeCanary(no))
  const logged: string[] = []
  await runLeaking(store, logged, canaries)
  await store.close()
  const search = new ByteSearch()
  lookForAll(search, canaries)
  const personsIn = (hits: readonly { needle: string }[]) =>
    new Set(hits.map(({ needle }) => needle.split(':')[0])).size
  const log = personsIn(search.inText(logged.join('\n'), 'the log'))
  const database = personsIn(search.inFolder(folder))
  rmSync(folder, { recursive: true })
  return { log: log === PERSONS ? log : 0, database: database === PERSONS ? database : 0 }
}

async function runLeaking(store: VaultStore, logged: string[], canaries: readonly Canary[]): Promise<void> {
  let body = ''
  /** A column for support, as somebody may add it: the beginning of what was sent. */
  const leaking: VaultStore = {
    ...store,
    commit(tenant, changes) {
      const id = timedId('ord', random, instant(Date.now()))
      const noted: Change = { type: 'ref.insert', party: null, kind: 'order', ref: `${id} ${body}`, id }
      return store.commit(tenant, [...changes, noted])
    },
  }
  const clock = { now: () => instant(Date.now()) }
  const keyring = new Keyring({ store, kek: localKek(newKey(random)), clock })
  const inFlight = new InFlight()
  const channels = new Channels()
  const vault = {
    store: leaking,
    keyring,
    clock,
    random,
    inFlight,
    watch: new WatchMemory(),
    channels,
    publicUrl: 'http://vault.test',
    logName: 'vault.test/log',
  }
  const credential = newCredential(TENANT, random)
  await createTenant({ ...vault, store }, TENANT, credential)
  const app = createApp({
    vault,
    log: (entry) => logged.push(JSON.stringify(entry)),
    metrics: { observe: () => {}, render: () => Promise.resolve('') },
    readiness: () => Promise.resolve({ store: true, log: true, keys: true }),
    version: '0.0.0',
  })
  const wrapper = new Hono()
  wrapper.all('*', async (context) => {
    body = await context.req.raw.clone().text()
    logged.push(JSON.stringify({ event: 'request', body }))
    return app.fetch(context.req.raw)
  })
  const send = async (path: string, init: RequestInit) => wrapper.request(`http://vault.test${path}`, init)
  const world = await makeWorld({ send, saw: () => {} }, credential.exposeSecret())
  for (const canary of canaries) await everyFlow(world, canary)
}

/** Written by the platform's own encoders in the middle of something else. @returns how many persons were found in each of them. */
function spellingsFound(): number {
  const canaries = Array.from({ length: PERSONS }, (_, no) => makeCanary(no))
  const found = canaries.filter(({ person: { name } }) => {
    const search = new ByteSearch().addText('name', name)
    const text = `to ${name}.`
    const ascii = [
      ...['', 'a', 'ab'].map((before) => Buffer.from(before + text).toString('base64')),
      Buffer.from(text).toString('base64url'),
      encodeURIComponent(text),
      new URLSearchParams({ name }).toString(),
      Buffer.from(text).toString('hex'),
    ]
    const haystacks = [
      ...ascii.map((written) => Buffer.from(written)),
      ...spellingsOf(name).map(([, bytes]) => Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')])),
      Buffer.from(JSON.stringify({ name })),
      Buffer.from(text, 'utf16le'),
      Buffer.from(text, 'utf16le').swap16(),
    ]
    return haystacks.every((bytes) => search.inBytes(bytes, 'text').length > 0)
  })
  return found.length === PERSONS ? PERSONS : 0
}
