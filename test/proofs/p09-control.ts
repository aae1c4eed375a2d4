import type Database from 'better-sqlite3'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { instant } from '../../src/core/time.ts'
import { newCredential } from '../../src/crypto/credential.ts'
import { newKey } from '../../src/crypto/envelope.ts'
import type { SymmetricKey } from '../../src/crypto/envelope.ts'
import { localKek } from '../../src/crypto/kek.ts'
import { createApp } from '../../src/http/app.ts'
import { random } from '../../src/runtime/node/random.ts'
import { openDatabase, sqliteDriver } from '../../src/runtime/node/sqlite.ts'
import { sqliteStore } from '../../src/storage/sqlite/store.ts'
import { Keyring } from '../../src/vault/keys/keyring.ts'
import { createTenant } from '../../src/vault/principals/tenants.ts'
import { Channels } from '../../src/vault/incidents/notices/channel.ts'
import { InFlight } from '../../src/vault/requests/idempotency.ts'
import { WatchMemory } from '../../src/vault/watch/memory.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import type { Vault } from '../../src/vault/vault.ts'
import { readFiles } from './byte-search.ts'
import { attack, mayRemain, openTenantKeys } from './p09-attacker.ts'
import type { Attack } from './p09-attacker.ts'
import { makeCanary } from './p09-p12-canary.ts'
import type { Send } from './p09-p12-caller.ts'
import { everyFlow, makeWorld } from './p09-p12-flows.ts'
import type { Resident, World } from './p09-p12-flows.ts'
import { TENANT } from './p09-p12-service.ts'
import { Snapshot } from './p09-snapshot.ts'

/** The same attack on stores that erase badly, each in its own way: all have to be found out. */

const PERSONS = 8

type Broken = {
  what: string
  /** What is done to the connection once it is open. */
  spoil(client: Database.Database): void
  scrubs: boolean
  found(attack: Attack): number
}

const BROKEN: readonly Broken[] = [
  {
    what: 'deleted rows not overwritten',
    spoil: (client) => void client.pragma('secure_delete = OFF'),
    scrubs: true,
    found: ({ remnants }) => Math.max(0, remnants - mayRemain(PERSONS)),
  },
  {
    what: 'the write-ahead log not emptied',
    spoil: () => {},
    scrubs: false,
    found: ({ opened }) => opened.size,
  },
  {
    what: 'the person merely marked as erased',
    spoil(client) {
      client.exec(
        `create trigger keep_key before update of wrapped on data_keys begin select raise(ignore); end`,
      )
      client.exec(`create trigger keep_field before delete on fields begin select raise(ignore); end`)
    },
    scrubs: true,
    found: ({ opened }) => opened.size,
  },
]

export async function eraseInBrokenStores(): Promise<{ broken: string; found: number }> {
  const found: number[] = []
  for (const broken of BROKEN) found.push(broken.found(await eraseIn(broken)))
  // Each of them has to be found out by itself.
  return { broken: BROKEN.map(({ what }) => what).join('; '), found: Math.min(...found) }
}

async function eraseIn({ spoil, scrubs }: Broken): Promise<Attack> {
  const folder = mkdtempSync(join(tmpdir(), 'cloakroom-broken-'))
  const client = openDatabase(join(folder, 'cloakroom.sqlite'))
  spoil(client)
  const driver = { ...sqliteDriver(client), ...(!scrubs && { scrub: () => {} }) }
  const store = sqliteStore(driver, { onFatal: fail })
  try {
    const root = newKey(random)
    const { world, residents } = await settleIn(store, root)
    const snapshot = new Snapshot(client)
    const subjects = residents.filter((_, i) => i % 2 === 0).map(({ subject }) => subject)
    const victims = snapshot.keysOf(subjects)
    for (const subject of subjects)
      await world.platform.must(`/v1/subjects/${subject}`, undefined, { method: 'DELETE' })
    const loot = { files: readFiles(folder), ...openTenantKeys(root, snapshot) }
    return attack(loot, victims, snapshot.livingKeys(new Set(subjects)))
  } finally {
    await store.close()
    rmSync(folder, { recursive: true })
  }
}

function fail(cause: unknown): never {
  throw cause
}

async function settleIn(
  store: VaultStore,
  root: SymmetricKey,
): Promise<{ world: World; residents: Resident[] }> {
  const credential = newCredential(TENANT, random)
  const vault = vaultOn(store, root)
  await createTenant(vault, TENANT, credential)
  const world = await makeWorld({ send: sendTo(vault), saw: () => {} }, credential.exposeSecret())
  const residents: Resident[] = []
  for (let no = 0; no < PERSONS; no++) residents.push(await everyFlow(world, makeCanary(no)))
  return { world, residents }
}

function vaultOn(store: VaultStore, root: SymmetricKey): Vault {
  const clock = { now: () => instant(Date.now()) }
  const keyring = new Keyring({ store, kek: localKek(root), clock })
  return {
    store,
    keyring,
    clock,
    random,
    inFlight: new InFlight(),
    watch: new WatchMemory(),
    channels: new Channels(),
    publicUrl: 'http://vault.test',
    logName: 'vault.test/log',
  }
}

function sendTo(vault: Vault): Send {
  const app = createApp({
    vault,
    log: () => {},
    metrics: { observe: () => {}, render: () => Promise.resolve('') },
    readiness: () => Promise.resolve({ store: true, log: true, keys: true }),
    version: '0.0.0',
  })
  return async (path, init) => app.request(`http://vault.test${path}`, init)
}
