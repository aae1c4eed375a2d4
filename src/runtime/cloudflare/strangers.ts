import manifest from '../../../package.json' with { type: 'json' }
import { isVaultError } from '../../core/errors.ts'
import { createApp } from '../../http/app.ts'
import { Keyring } from '../../vault/keys/keyring.ts'
import { Channels } from '../../vault/incidents/notices/channel.ts'
import { InFlight } from '../../vault/requests/idempotency.ts'
import { WatchMemory } from '../../vault/watch/memory.ts'
import type { VaultStore } from '../../vault/store.ts'
import { createClock } from '../clock.ts'
import { KeyHolder } from '../key-holder.ts'
import { readConfig } from './bindings.ts'
import type { Config, Settings } from './bindings.ts'
import type { App } from './compose.ts'
import { noFigures } from './figures.ts'
import { log } from './log.ts'
import { random } from './random.ts'
import { requireRootKey } from './root-key.ts'

/** What can be asked before anybody is known: nobody is. */
const NOBODY: Partial<VaultStore> = {
  mark: () => undefined,
  findTenant: () => Promise.resolve(undefined),
  listTenants: () => Promise.resolve([]),
  findCaller: () => Promise.resolve(undefined),
  findNotice: () => Promise.resolve(undefined),
  findLog: () => Promise.resolve(undefined),
  findTiles: (_tenant, tiles) => Promise.resolve(tiles.map(() => undefined)),
}

/** A store without tenants. Whoever gets further than `NOBODY` was let in by mistake. */
const emptyStore = new Proxy(NOBODY, {
  get(known, name: keyof VaultStore) {
    if (name in known) return known[name]
    throw new Error(`a store without tenants was asked for ${name}`)
  },
}) as VaultStore

/** Bindings are the same for as long as an isolate lives, and the app holds nothing of any request. */
const known = new WeakMap<Settings, App>()

export function strangersApp(bindings: Settings): App {
  const app = known.get(bindings) ?? makeApp(readConfig(bindings))
  known.set(bindings, app)
  return app
}

/**
 * The same app over a vault without tenants: whoever names none, or one that does not exist, gets the answers that a vault
 * gives to strangers, and nothing is made for them.
 */
function makeApp(config: Config): App {
  const clock = createClock(0)
  const keyring = new Keyring({ store: emptyStore, kek: new KeyHolder(), clock })
  const { publicUrl, logName } = config
  const keysReady = isKeyGiven(config)
  return createApp({
    vault: {
      store: emptyStore,
      keyring,
      clock,
      random,
      inFlight: new InFlight(),
      watch: new WatchMemory(),
      channels: new Channels(),
      publicUrl,
      logName,
    },
    log,
    metrics: noFigures,
    // Of the whole service there is no more to ask: each tenant's object answers for itself, to its credentials.
    readiness: () => Promise.resolve({ store: true, log: true, keys: keysReady }),
    sealed: () => !keysReady,
    version: manifest.version,
  })
}

/** Whether the bindings hold what opens the root key, as far as it shows without opening it. */
function isKeyGiven(config: Config): boolean {
  try {
    requireRootKey(config)
    return true
  } catch (error) {
    if (!isVaultError(error)) throw error
    log({ level: 'error', event: 'sealed', code: error.code, message: error.message })
    return false
  }
}
