import { TransactionError } from '../../storage/postgres/driver.ts'
import type { LostSession, Settled } from '../../storage/postgres/driver.ts'
import { log } from './log.ts'
import { isGuard } from '../postgres-faults.ts'
import type { WriterPools } from './postgres-pools.ts'

/** How long a caller waits to learn what became of a commit; a failover may take longer. */
export const SETTLE_MS = 10_000
const PAUSE_MS = 250

/** How long the server may take to end a session, in milliseconds. */
const END_MS = 2_000

/**
 * Ends what is left of a lost connection, if it is on this server: what was sent over it may still be waiting there to be done.
 * After a failover it is on none, and what the new server does not have by then it never gets.
 */
const END = `select pg_terminate_backend(pid, $3) as ended from pg_stat_activity
  where pid = $1 and backend_start = $2::timestamptz`

/** `look` holds only if the transaction stands, and puts what it saw where acknowledged things are by its own commit. */
type Settling = { look: () => Promise<void>; patienceMs: number }

/** Whether a transaction whose connection was lost stands. A server that writes is looked for for a while. */
export async function settle(
  pools: WriterPools,
  session: LostSession,
  { look, patienceMs }: Settling,
): Promise<Settled> {
  const until = performance.now() + patienceMs
  for (;;) {
    const settled = await attempt(pools, session, look)
    if (settled !== 'unknown' || performance.now() > until) {
      log({ level: 'warn', event: 'lost_commit_settled', message: settled })
      return settled
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

async function attempt(
  pools: WriterPools,
  session: LostSession,
  look: () => Promise<void>,
): Promise<Settled> {
  try {
    if (!(await isEnded(pools, session))) return 'unknown'
    await look()
    return 'stands'
  } catch (error) {
    return error instanceof TransactionError && isGuard(error.cause) ? 'undone' : 'unknown'
  }
}

async function isEnded(pools: WriterPools, { pid, started }: LostSession): Promise<boolean> {
  const { reading } = await pools.present()
  const { rows } = await reading.query<{ ended: boolean }>(END, [pid, started, END_MS])
  return rows.every(({ ended }) => ended)
}
