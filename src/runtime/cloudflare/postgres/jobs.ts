import { JOBS } from '../../../vault/jobs.ts'
import type { Job } from '../../../vault/jobs.ts'
import type { Vault } from '../../../vault/vault.ts'
import { LEAD_LOCK } from '../../postgres-server.ts'
import { log } from '../log.ts'
import { UNCACHED, newClient } from './connection.ts'

/** The lock of the lead that processes on Node hold for as long as they live: here for one transaction, so that a pool may lie between. */
const TAKE_LEAD = `select pg_try_advisory_xact_lock(${LEAD_LOCK}, hashtext(current_schema())) as leads${UNCACHED}`

/** As long as the platform lets a cron trigger run: whoever was ended in the middle does not keep the lead longer. */
const LEAD_LIVES = `set local idle_in_transaction_session_timeout = '15min'`

/** Does `work` if nobody else has the lead. @returns whether it was done. */
export async function leading(url: string, work: () => Promise<void>): Promise<boolean> {
  const client = newClient(url)
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('begin')
    await client.query(LEAD_LIVES)
    const { rows } = await client.query<{ leads: boolean }>(TAKE_LEAD)
    const leads = rows[0]?.leads === true
    if (leads) await work()
    await client.query('commit')
    return leads
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** All periodic work. Never throws for a job: what failed is logged and comes round again. */
export async function runJobs(vault: Vault, url: string, jobs: readonly Job[] = JOBS): Promise<boolean> {
  return leading(url, async () => {
    for (const job of jobs) {
      await job.run(vault).catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error)
        log({ level: 'error', event: 'job_failed', job: job.name, message })
      })
    }
  })
}
