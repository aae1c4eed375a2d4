import pg from 'pg'
import type { LostSession } from '../../storage/postgres/driver.ts'
import { getTypeParser } from '../postgres-values.ts'
import { log } from './log.ts'
import { aStandby } from './postgres-writer.ts'
import type { Writer } from './postgres-writer.ts'

/** Reads and commits wait for others of their own kind alone: commits of one tenant stand in line behind each other. */
const READ_CONNECTIONS = 8
const COMMIT_CONNECTIONS = 8

/** A read of ours takes milliseconds: a server that has not answered by then is not there any more. */
const READ_TIMEOUT_MS = 8_000

/** Beyond the ten seconds that a commit may wait for a row: a server that has not answered by then does not. */
const COMMIT_TIMEOUT_MS = 15_000

export type PoolOptions = { connections?: number; commitTimeoutMs?: number; settleMs?: number }

/** Connections to one server. */
export type Pools = { server: pg.ClientConfig; reading: pg.Pool; committing: pg.Pool }

/** Connections to the server that writes, whichever that is by now. */
export class WriterPools {
  readonly #writer: Writer
  readonly #options: PoolOptions
  readonly #retired = new Set<Promise<unknown>>()
  #present: Pools | undefined

  constructor(writer: Writer, options: PoolOptions) {
    this.#writer = writer
    this.#options = options
  }

  /** @throws Error if no server writes. */
  async present(): Promise<Pools> {
    const server = await this.#writer.find()
    if (this.#present?.server === server) return this.#present
    if (this.#present) this.#retire(this.#present)
    return (this.#present = open(server, this.#options))
  }

  /** What else leads to that server may be as dead as the one connection that showed it: the next who asks has a new one. */
  lost(pools: Pools): void {
    this.#writer.lost(pools.server)
    if (this.#present !== pools) return
    this.#present = undefined
    this.#retire(pools)
  }

  async close(): Promise<void> {
    if (this.#present) this.#retire(this.#present)
    this.#present = undefined
    await Promise.all(this.#retired)
  }

  /** What is under way on them goes on to its end. */
  #retire({ reading, committing }: Pools): void {
    const ended = Promise.allSettled([reading.end(), committing.end()])
    this.#retired.add(ended)
    void ended.then(() => this.#retired.delete(ended))
  }
}

function open(server: pg.ClientConfig, { connections, commitTimeoutMs }: PoolOptions): Pools {
  const reading = { ...server, keepAlive: true, query_timeout: READ_TIMEOUT_MS }
  const committing = { ...reading, query_timeout: commitTimeoutMs ?? COMMIT_TIMEOUT_MS, pipeline: true }
  return {
    server,
    reading: pool(reading, connections ?? READ_CONNECTIONS),
    committing: pool(committing, connections ?? COMMIT_CONNECTIONS),
  }
}

/**
 * Every statement of ours finds its rows by key, in the order in which it names its tables: planning the eight of a courier's
 * scan anew each time takes ten times as long as reading them.
 */
const PLAN_ONCE = 'set plan_cache_mode = force_generic_plan; set join_collapse_limit = 1'

/** A server does not turn into a standby under a connection, so it is asked once. */
const WHO = `select pg_is_in_recovery() as standby, pid, backend_start::text as started
  from pg_stat_activity where pid = pg_backend_pid()`

type Who = LostSession & { standby: boolean }

const sessions = new WeakMap<pg.ClientBase, LostSession>()

/** What the server knows a connection of a pool by. */
export function sessionOf(client: pg.ClientBase): LostSession | undefined {
  return sessions.get(client)
}

function pool(connection: pg.PoolConfig, max: number): pg.Pool {
  const onConnect = async (client: pg.ClientBase) => {
    // One that breaks in use: whoever uses it is told by the query.
    client.on('error', () => undefined)
    await client.query(PLAN_ONCE)
    const { rows } = await client.query<Who>(WHO)
    const [who] = rows
    if (who?.standby !== false) throw aStandby()
    sessions.set(client, { pid: who.pid, started: who.started })
  }
  // oxlint-disable-next-line typescript/no-misused-promises -- the pool waits for it; its types do not say so yet
  const made = new pg.Pool({ ...connection, max, types: { getTypeParser }, onConnect })
  // One that breaks while nobody uses it: the pool has dropped it already.
  made.on('error', (error) =>
    log({ level: 'warn', event: 'database_connection_lost', message: error.message }),
  )
  return made
}
