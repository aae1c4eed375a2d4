import pg from 'pg'
import { log } from './log.ts'

/** Whether this process does the work that one of all processes should do. */
export type Lead = { leads: () => boolean; stop: () => Promise<void> }

/** How often the lead is sought, or looked at by who has it. */
const TURN_MS = 1_000

/** A server that does not answer in this time is as good as gone, and so is the lead. */
const ANSWER_TIMEOUT_MS = 2_000

/** Of our own choosing; the second half of the lock's number is the schema's. */
export const LEAD_LOCK = 0x6c656164

export const SEEK = `select pg_try_advisory_lock($1, hashtext(current_schema())) as leads`

/**
 * The server gives up a connection whose other end is silent after some three seconds, and the lock with it: with the next turn
 * of another process it has gone over within five.
 */
const KEEPALIVE = `select set_config('tcp_keepalives_idle', '1', false), set_config('tcp_keepalives_interval', '1', false),
  set_config('tcp_keepalives_count', '2', false)`

/**
 * Seeks the lead of all processes on one database: whoever holds an advisory lock has it, for as long as its connection lives. For a
 * moment two may believe that they have it, when a server has given up a connection whose process does not know yet: what is
 * done by who leads must be safe to be done twice.
 */
export function seekLead(connection: pg.ClientConfig): Lead {
  let held: pg.Client | undefined
  let leading = false
  let turn: Promise<void> | undefined

  const letGo = () => {
    if (leading) log({ level: 'warn', event: 'lead_lost' })
    leading = false
    const client = held
    held = undefined
    return client?.end().catch(() => undefined)
  }
  const take = async () => {
    try {
      held ??= await connected(connection, (client) => client === held && void letGo())
      const { rows } = await held.query<{ leads: boolean }>(
        leading ? 'select true as leads' : SEEK,
        leading ? [] : [LEAD_LOCK],
      )
      const leads = rows[0]?.leads === true
      if (leads && !leading) log({ level: 'info', event: 'lead_taken' })
      leading = leads
    } catch {
      // What stands in the way is said by the request that meets it.
      void letGo()
    }
  }
  const again = () => (turn ??= take().finally(() => (turn = undefined)))
  const timer = setInterval(() => void again(), TURN_MS)
  timer.unref()
  void again()
  return {
    leads: () => leading,
    async stop() {
      clearInterval(timer)
      await turn
      leading = false
      await letGo()
    },
  }
}

async function connected(
  connection: pg.ClientConfig,
  onLost: (client: pg.Client) => void,
): Promise<pg.Client> {
  const client = new pg.Client({ ...connection, query_timeout: ANSWER_TIMEOUT_MS })
  client.on('error', () => onLost(client))
  client.on('end', () => onLost(client))
  await client.connect()
  await client.query(KEEPALIVE)
  return client
}
