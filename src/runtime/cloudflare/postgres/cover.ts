import { setTimeout as sleep } from 'node:timers/promises'
import { integrateLogs } from '../../../vault/log/integrate.ts'
import { log } from '../log.ts'
import { Connection, over } from './connection.ts'
import { leading } from './jobs.ts'
import type { PostgresService } from './service.ts'

/** From a commit to the checkpoint over its events: as long as a job's round takes on Node. */
const ROUND_MS = 500

/** The platform lets a request stay 30 seconds behind its answer. */
const MAX_ROUNDS = 20

/** Longer than a round takes: who has said nothing for so long was ended. */
const SILENT_MS = 5_000

/**
 * Puts what requests write under checkpoints within a second, where no process on Node does so: the cron trigger comes once a
 * minute. One request of an isolate stays behind its answer for all of them.
 */
export class Covering {
  readonly #service: PostgresService
  readonly #url: string
  #writes = 0
  #heardAt = 0

  constructor(service: PostgresService, url: string) {
    this.#service = service
    this.#url = url
  }

  /** After a request has committed something. Never throws. */
  async written(): Promise<void> {
    this.#writes += 1
    if (!this.#service.isReady || Date.now() - this.#heardAt < SILENT_MS) return
    const connection = new Connection(this.#url)
    try {
      await over(connection, () => this.#cover())
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      log({ level: 'error', event: 'job_failed', job: 'integrate', message })
    } finally {
      this.#heardAt = 0
      await connection.close()
    }
  }

  async #cover(): Promise<void> {
    for (let covered = -1, round = 0; covered !== this.#writes && round < MAX_ROUNDS; round++) {
      this.#heardAt = Date.now()
      await sleep(ROUND_MS)
      const writes = this.#writes
      if (await this.#isCovered()) covered = writes
    }
  }

  /** @returns whether every event that was there is covered now: by us, or by whoever has the lead. */
  #isCovered(): Promise<boolean> {
    return this.#service.at(async ({ vault }) => {
      if ((await vault.store.listLogsBehind(1)).length === 0) return true
      return leading(this.#url, () => integrateLogs(vault))
    })
  }
}
