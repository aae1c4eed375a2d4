import { HOUR_MS, SECOND_MS } from '../../core/time.ts'
import { JOBS } from '../../vault/jobs.ts'
import type { Job } from '../../vault/jobs.ts'
import type { Vault } from '../../vault/vault.ts'
import { log } from './log.ts'
import type { Wake } from './wake.ts'

/** From a commit to the alarm that puts its events under a checkpoint: as long as a job's round takes on Node. */
export const AFTER_WRITE_MS = 500
/** A failed job comes round again by an alarm of its own: the platform would give up after six times. */
const AFTER_FAILURE_MS = SECOND_MS
/** An object in which nothing happens wakes for retention alone, whose shortest time is an hour. */
const WHEN_IDLE_MS = HOUR_MS

/** The vault's periodic work, done at alarms: half a second after something was written, and at least once an hour. */
export class AlarmJobs {
  readonly #vault: Vault
  readonly #wake: Wake
  readonly #lastRun = new Map<string, number>()

  constructor(vault: Vault, wake: Wake) {
    this.#vault = vault
    this.#wake = wake
  }

  /** What an object does when it is opened: a log may have been left behind. */
  async begin(): Promise<void> {
    const now = Date.now()
    const behind = await this.#vault.store.listLogsBehind(1)
    this.#wake.by(now + (behind.length > 0 ? AFTER_WRITE_MS : WHEN_IDLE_MS))
  }

  /** Runs what is due. Never throws for a job: what failed is logged and has its next alarm. */
  async run(): Promise<void> {
    this.#wake.fired()
    // Before the work: an object that ends halfway through it wakes again.
    this.#wake.by(Date.now() + WHEN_IDLE_MS)
    for (const job of JOBS) if (!(await this.#turn(job))) this.#wake.by(Date.now() + AFTER_FAILURE_MS)
  }

  /** An alarm was set because something was written: what comes round as often as that is always due. */
  #isDue({ name, everyMs }: Job): boolean {
    return everyMs <= AFTER_WRITE_MS || Date.now() - (this.#lastRun.get(name) ?? 0) >= everyMs
  }

  /** @returns whether all went well. */
  async #turn(job: Job): Promise<boolean> {
    try {
      if (this.#isDue(job)) {
        this.#lastRun.set(job.name, Date.now())
        await job.run(this.#vault)
      }
      await this.#wakeFor(job)
      return true
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      log({ level: 'error', event: 'job_failed', job: job.name, message })
      this.#lastRun.delete(job.name)
      return false
    }
  }

  /** What waits for an instant is not left to whoever writes next. */
  async #wakeFor(job: Job): Promise<void> {
    const at = await job.nextAt?.(this.#vault)
    if (at !== undefined) this.#wake.by(Math.max(at, (this.#lastRun.get(job.name) ?? 0) + job.everyMs))
  }
}
