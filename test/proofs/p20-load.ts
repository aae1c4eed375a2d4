import { scan } from './p09-p12-flows.ts'
import type { Resident, World } from './p09-p12-flows.ts'
import { oneOf } from './p09-p12-service.ts'

/** Couriers who scan all the time, and how long each of them waited. */
export class Load {
  readonly #world: World
  readonly #residents: readonly Resident[]
  readonly #callers: Promise<void>[]
  #waits: number[] = []
  #going = true

  constructor(world: World, residents: readonly Resident[], callers: number) {
    this.#world = world
    this.#residents = residents
    this.#callers = Array.from({ length: callers }, () => this.#scanOn())
  }

  /** Milliseconds that the calls since the last time took. */
  take(): number[] {
    const waits = this.#waits
    this.#waits = []
    return waits.toSorted((a, b) => a - b)
  }

  async stop(): Promise<void> {
    this.#going = false
    await Promise.all(this.#callers)
  }

  async #scanOn(): Promise<void> {
    while (this.#going) {
      const started = performance.now()
      const { items } = await scan(this.#world.courier, oneOf(this.#residents).waybill)
      if (items[0].status !== 'ok') throw new Error(`a reveal under load was ${items[0].code}`)
      this.#waits.push(performance.now() - started)
    }
  }
}

/** Of sorted waits, as text in milliseconds. */
export function quantile(sorted: readonly number[], part: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1)
}
