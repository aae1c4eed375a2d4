import { JOBS } from '../../vault/jobs.ts'
import type { Job } from '../../vault/jobs.ts'
import type { Vault } from '../../vault/vault.ts'
import { log } from './log.ts'

/**
 * Runs the vault's periodic work until stopped. A job that fails is logged and comes round again.
 * @param leads whether it is this process's turn; where several work on one database, it is one's.
 */
export function startJobs(vault: Vault, leads: () => boolean): () => void {
  const timers = JOBS.map((job) => setInterval(onlyOnce(vault, job, leads), job.everyMs))
  for (const timer of timers) timer.unref()
  return () => timers.forEach((timer) => clearInterval(timer))
}

/** A turn that comes while the one before is still at work is left out. */
function onlyOnce(vault: Vault, job: Job, leads: () => boolean): () => void {
  let working = false
  return () => {
    if (working || !leads()) return
    working = true
    job
      .run(vault)
      .catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error)
        log({ level: 'error', event: 'job_failed', job: job.name, message })
      })
      .finally(() => (working = false))
  }
}
