import { JOBS } from '../../vault/jobs.ts'
import type { Vault } from '../../vault/vault.ts'
import { log } from './log.ts'

/** Runs the vault's periodic work until stopped. A job that fails is logged and comes round again. */
export function startJobs(vault: Vault): () => void {
  const timers = JOBS.map((job) =>
    setInterval(() => {
      job.run(vault).catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error)
        log({ level: 'error', event: 'job_failed', job: job.name, message })
      })
    }, job.everyMs),
  )
  for (const timer of timers) timer.unref()
  return () => timers.forEach((timer) => clearInterval(timer))
}
