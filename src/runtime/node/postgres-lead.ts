import pg from 'pg'
import { LEAD_LOCK } from '../postgres-server.ts'
import { log } from './log.ts'
import type { Writer } from './postgres-writer.ts'

/** Whether this process does the work that one of all processes should do. */
export type Lead = { leads: () => boolean; stop: () => Promise<void> }

/** How often the lead is sought, or looked at by who has it. */
const TURN_MS = 1_000

/** A server that does not answer in this time is as good as gone, and so is the lead. */
const ANSWER_TIMEOUT_MS = 2_000

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
export function seekLead(writer: Writer): Lead {
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
      held ??= await connected(writer, (client) => client === held && void letGo())
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

async function connected(writer: Writer, onLost: (client: pg.Client) => void): Promise<pg.Client> {
  const server = await writer.find()
  const client = new pg.Client({ ...server, query_timeout: ANSWER_TIMEOUT_MS })
  client.on('error', () => onLost(client))
  client.on('end', () => onLost(client))
  try {
    await client.connect()
  } catch (error) {
    writer.lost(server)
    throw error
  }
  await client.query(KEEPALIVE)
  return client
}
