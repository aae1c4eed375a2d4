import { setTimeout as pause } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'
import { longestGap } from './gaps.ts'
import { MEMBERS } from './network.ts'
import type { MemberNo } from './network.ts'

const EVERY_MS = 500

/** Writes something that has to be on a standby too before it is acknowledged. */
const WRITE = `select pg_logical_emit_message(true, 'probe', '')`

/** Asks each member, past the vault, whether it takes a write: how long the cluster itself took none. */
export class Probe {
  readonly #takenAt: number[] = []
  readonly #asking: Promise<unknown>
  #stopped = false

  constructor(cluster: Cluster) {
    this.#asking = Promise.all(MEMBERS.map((member) => this.#ask(cluster, member)))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#asking
  }

  /** In milliseconds, between two moments of this process; no less than how often it asks. */
  longestGap(from: number, to: number): number {
    return longestGap(this.#takenAt, from, to)
  }

  async #ask(cluster: Cluster, member: MemberNo): Promise<void> {
    while (!this.#stopped) {
      const taken = await cluster.ask(WRITE, member).then(
        () => true,
        () => false,
      )
      if (taken) this.#takenAt.push(performance.now())
      await pause(EVERY_MS)
    }
  }
}
