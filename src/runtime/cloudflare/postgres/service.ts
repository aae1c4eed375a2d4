import manifest from '../../../../package.json' with { type: 'json' }
import { setTimeout as sleep } from 'node:timers/promises'
import { createApp } from '../../../http/app.ts'
import { postgresStore } from '../../../storage/postgres/store.ts'
import { Keyring } from '../../../vault/keys/keyring.ts'
import { InFlight } from '../../../vault/requests/idempotency.ts'
import { WatchMemory } from '../../../vault/watch/memory.ts'
import type { Vault } from '../../../vault/vault.ts'
import { createClock } from '../../clock.ts'
import { KeyHolder } from '../../key-holder.ts'
import { readiness } from '../../readiness.ts'
import { readConfig } from '../bindings.ts'
import type { Config } from '../bindings.ts'
import { openChannels } from '../channels.ts'
import type { App } from '../compose.ts'
import { noFigures } from '../figures.ts'
import { log } from '../log.ts'
import { lookAround } from '../look-around.ts'
import { openKeys } from '../open-keys.ts'
import { random } from '../random.ts'
import type { PostgresBindings } from './bindings.ts'
import { connection } from './connection.ts'
import { requestDriver } from './driver.ts'
import { requireSchema } from './schema.ts'

/** What one request at a time works with. */
export type Desk = { vault: Vault; app: App }

/** A desk is some 120 KiB and a millisecond; more than these go when their request has. */
const MAX_FREE = 32

/** How long a request waits for another that is opening the vault; then that one is taken for ended. */
const OPENING_MS = 10_000
const LOOK_MS = 20

/**
 * The vault of one isolate. Requests of an isolate may not wait for each other's promises: who made one may be ended before it is
 * kept. So whatever holds promises from one moment to the next, keys that are being read and calls in flight, is on a desk
 * that one request has to itself.
 */
export class PostgresService {
  readonly #config: Config
  readonly #holder = new KeyHolder()
  readonly #store = postgresStore(requestDriver)
  readonly #clock = createClock(0)
  readonly #free: Desk[] = []
  #isOpen = false
  #openingSince = 0

  constructor(bindings: PostgresBindings) {
    this.#config = readConfig(bindings)
  }

  /** Root key and schema are in place. */
  get isReady(): boolean {
    return this.#isOpen && !this.#holder.sealed
  }

  /** @throws what `work` throws: its desk is not used again, since nobody knows what lies on it. */
  async at<T>(work: (desk: Desk) => Promise<T>): Promise<T> {
    const desk = this.#free.pop() ?? this.#newDesk()
    const result = await work(desk)
    if (this.#free.length < MAX_FREE) this.#free.push(desk)
    return result
  }

  /**
   * Once for the life of an isolate; a failure is met anew by each request. Without the right key the vault is open and sealed.
   * @throws VaultError as `requireSchema`.
   */
  async open(): Promise<void> {
    while (!this.#isOpen && Date.now() - this.#openingSince < OPENING_MS) await sleep(LOOK_MS)
    if (this.#isOpen) return
    this.#openingSince = Date.now()
    try {
      await connection().inTurn(requireSchema)
      await openKeys(this.#config, this.#store, this.#holder)
      this.#isOpen = true
    } finally {
      this.#openingSince = 0
    }
  }

  #newDesk(): Desk {
    const { publicUrl, logName } = this.#config
    const channels = openChannels(this.#config.channels)
    const [store, clock] = [this.#store, this.#clock]
    const keyring = new Keyring({ store, kek: this.#holder, clock, random })
    const vault = {
      store,
      keyring,
      clock,
      random,
      inFlight: new InFlight(),
      watch: new WatchMemory(),
      channels,
      publicUrl,
      logName,
      lookAround: async () => lookAround(this.#config, 'postgres'),
    }
    const app = createApp({
      vault,
      log,
      metrics: noFigures,
      readiness: () => readiness(vault),
      sealed: () => this.#holder.sealed,
      version: manifest.version,
    })
    return { vault, app }
  }
}
