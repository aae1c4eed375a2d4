import manifest from '../../../package.json' with { type: 'json' }
import type { VaultError } from '../../core/errors.ts'
import { createApp } from '../../http/app.ts'
import { sqliteStore } from '../../storage/sqlite/store.ts'
import { Keyring } from '../../vault/keys/keyring.ts'
import { InFlight } from '../../vault/requests/idempotency.ts'
import { WatchMemory } from '../../vault/watch/memory.ts'
import type { VaultStore } from '../../vault/store.ts'
import type { Vault } from '../../vault/vault.ts'
import { createClock } from '../clock.ts'
import { KeyHolder } from '../key-holder.ts'
import { readiness } from '../readiness.ts'
import type { Config } from './bindings.ts'
import { openChannels } from './channels.ts'
import { durableDriver, openDrizzle } from './durable-driver.ts'
import { noFigures } from './figures.ts'
import { AFTER_WRITE_MS, AlarmJobs } from './jobs.ts'
import { log } from './log.ts'
import { lookAround } from './look-around.ts'
import { migrateObject } from './migrations.ts'
import { openKeys } from './open-keys.ts'
import { random } from './random.ts'
import { awakeDriver } from './rest.ts'
import { Wake } from './wake.ts'

export type App = ReturnType<typeof createApp>

export type Opened = {
  vault: Vault
  app: App
  jobs: AlarmJobs
  /** Why no key can be used; undefined once the root key is open. */
  sealedBy: VaultError | undefined
}

/** Store, keys, clock and app of one object, put together; an empty one gets its schema. */
export async function openObject(ctx: DurableObjectState, config: Config): Promise<Opened> {
  const db = openDrizzle(ctx.storage)
  await migrateObject(db)
  const wake = await Wake.open(ctx.storage)
  const written = () => wake.by(Date.now() + AFTER_WRITE_MS)
  const driver = awakeDriver(durableDriver(ctx.storage, db, written), ctx.storage)
  const store = sqliteStore(driver, { onFatal: (cause) => startAnew(ctx, cause) })
  const holder = new KeyHolder()
  const vault = await assemble(config, store, holder)
  const sealedBy = await openKeys(config, store, holder)
  const jobs = new AlarmJobs(vault, wake)
  if (!sealedBy) await jobs.begin()
  const app = createApp({
    vault,
    log,
    metrics: noFigures,
    readiness: () => readiness(vault),
    sealed: () => holder.sealed,
    version: manifest.version,
  })
  return { vault, app, jobs, sealedBy }
}

/** What is in memory may be ahead of what is stored: the object ends, and the next request opens it from its storage. */
function startAnew(ctx: DurableObjectState, cause: unknown): void {
  log({
    level: 'error',
    event: 'storage_failed',
    message: cause instanceof Error ? cause.message : String(cause),
  })
  ctx.abort('storage failed')
}

async function assemble(config: Config, store: VaultStore, kek: KeyHolder): Promise<Vault> {
  const { publicUrl, logName } = config
  const tenants = await store.listTenants()
  const heads = await Promise.all(tenants.map(({ id }) => store.logHead(id)))
  const clock = createClock(Math.max(0, ...heads.map(({ lastAt }) => lastAt ?? 0)))
  const keyring = new Keyring({ store, kek, clock, random })
  return {
    store,
    keyring,
    clock,
    random,
    inFlight: new InFlight(),
    watch: new WatchMemory(),
    channels: openChannels(config.channels),
    publicUrl,
    logName,
    lookAround: async () => lookAround(config, 'durable_object'),
  }
}
