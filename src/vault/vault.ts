import type { Random } from '../core/id.ts'
import type { Clock } from '../core/time.ts'
import type { Surroundings } from './doctor/facts.ts'
import type { Channels } from './incidents/notices/channel.ts'
import type { PrintPdf } from './incidents/report/print.ts'
import type { InFlight } from './requests/idempotency.ts'
import type { Keyring } from './keys/keyring.ts'
import type { VaultStore } from './store.ts'
import type { WatchMemory } from './watch/memory.ts'

/** What every use case is given. Composed once, under `runtime/`. */
export type Vault = {
  store: VaultStore
  keyring: Keyring
  clock: Clock
  random: Random
  /** Calls with an `Idempotency-Key` that this process is working on. */
  inFlight: InFlight
  /** What the watch over the log keeps in this process. */
  watch: WatchMemory
  /** How notices reach people; what is not set up is not in it. */
  channels: Channels
  /** Where people and programs reach this service, without a trailing slash. */
  publicUrl: string
  /** What the origins of this service's logs begin with. */
  logName: string
  /** What the doctor is told of settings, files and the machine; absent where nothing of them can be seen. */
  lookAround?: () => Promise<Surroundings>
  /** Absent where nothing here can make one. */
  printPdf?: PrintPdf
}
