import type { TenantId } from '../../core/id.ts'
import { SECOND_MS } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { SuspectId } from '../incidents/incident.ts'
import type { Working } from './watch-log.ts'

/** How often a call of somebody who is slowed down goes through. */
export const SLOW_EVERY_MS = 5 * SECOND_MS
const MAX_SLOWED = 10_000

type Thrown = { detector: string; error: unknown }

/** What this process keeps for the watch: nothing that is not in the store too, or that may not be lost. */
export class WatchMemory {
  /** Whether this process takes logs through the detectors at all. Holds hold all the same. */
  readonly on: boolean
  /** Detectors at work, by tenant. */
  readonly working = new Map<TenantId, Working>()
  /** How often each detector has thrown. */
  readonly failures = new Map<string, number>()
  /** Events that were looked at. */
  looked = 0
  #thrown: Thrown | undefined
  readonly #lastCalls = new Map<SuspectId, Instant>()

  constructor({ on = true }: { on?: boolean } = {}) {
    this.on = on
  }

  /** @returns how long to wait yet; 0 if the call may go on, which then is the last one. */
  waitMs(suspect: SuspectId, now: Instant): number {
    const last = this.#lastCalls.get(suspect)
    if (last !== undefined && now < last + SLOW_EVERY_MS) return last + SLOW_EVERY_MS - now
    if (this.#lastCalls.size >= MAX_SLOWED) this.#lastCalls.clear()
    this.#lastCalls.set(suspect, now)
    return 0
  }

  failed(detector: string, error: unknown): void {
    this.failures.set(detector, (this.failures.get(detector) ?? 0) + 1)
    this.#thrown ??= { detector, error }
  }

  /** The first that threw since this was last asked. */
  takeThrown(): Thrown | undefined {
    const thrown = this.#thrown
    this.#thrown = undefined
    return thrown
  }
}
