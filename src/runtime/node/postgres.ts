import pg from 'pg'
import { drizzle } from 'drizzle-orm/pg-proxy'
import { TransactionError } from '../../storage/postgres/driver.ts'
import type { Bound, PostgresDriver } from '../../storage/postgres/driver.ts'
import { postgresStore } from '../../storage/postgres/store.ts'
import type { VaultStore } from '../../vault/store.ts'
import { whyUndone, whyUnread } from './postgres-faults.ts'
import { migrateDatabase } from './postgres-migrations.ts'
import { log } from './log.ts'

/** Reads and commits wait for others of their own kind alone: commits of one tenant stand in line behind each other. */
const READ_CONNECTIONS = 8
const COMMIT_CONNECTIONS = 8

/** A server that takes no connection in this time is down, as far as a caller who waits is concerned. */
const CONNECT_TIMEOUT_MS = 3_000

/** Longer than anything of ours takes: a server that has not answered by then is not there any more. */
const ANSWER_TIMEOUT_MS = 30_000

export type PostgresOptions = { schema?: string; connections?: number }

export type OpenedPostgres = { store: VaultStore; close: () => Promise<void> }

/**
 * Opens the vault's database on a PostgreSQL server, which any number of processes may do at once.
 * @throws VaultError `config_invalid` for a server that is too old, `unavailable` for one that does not answer,
 *   `database_newer`, `durability_not_held`, `move_unfinished`.
 */
export async function openPostgresStore(url: string, options: PostgresOptions = {}): Promise<OpenedPostgres> {
  const driver = postgresDriver(url, options)
  try {
    await migrateDatabase(connectionOf(url, options), options.schema ?? 'public')
  } catch (error) {
    await driver.close()
    throw error
  }
  const store = postgresStore(driver)
  return { store, close: () => store.close() }
}

export function connectionOf(url: string, { schema }: PostgresOptions): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'cloakroom',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...(schema !== undefined && { options: `-c search_path=${schema}` }),
  }
}

export function postgresDriver(url: string, options: PostgresOptions): PostgresDriver {
  const connection = { ...connectionOf(url, options), query_timeout: ANSWER_TIMEOUT_MS, keepAlive: true }
  const reading = pool(connection, options.connections ?? READ_CONNECTIONS)
  const committing = pool({ ...connection, pipeline: true }, options.connections ?? COMMIT_CONNECTIONS)
  const db = drizzle(async (text, values: unknown[]) => ({ rows: await read(reading, { text, values }) }))
  return {
    db,
    transact: (statements) => transact(committing, statements),
    async close() {
      await Promise.all([reading.end(), committing.end()])
    },
  }
}

/**
 * Every statement of ours finds its rows by key, in the order in which it names its tables: planning the eight of a courier's
 * scan anew each time takes ten times as long as reading them.
 */
const PLAN_ONCE = 'set plan_cache_mode = force_generic_plan; set join_collapse_limit = 1'

function pool(connection: pg.PoolConfig, max: number): pg.Pool {
  const onConnect = (client: pg.ClientBase) => {
    // One that breaks in use: whoever uses it is told by the query.
    client.on('error', () => undefined)
    return client.query(PLAN_ONCE)
  }
  // oxlint-disable-next-line typescript/no-misused-promises -- the pool waits for it; its types do not say so yet
  const made = new pg.Pool({ ...connection, max, types: { getTypeParser }, onConnect })
  // One that breaks while nobody uses it: the pool has dropped it already.
  made.on('error', (error) =>
    log({ level: 'warn', event: 'database_connection_lost', message: error.message }),
  )
  return made
}

const INT8 = 20

/** Numbers that are stored fit into a JavaScript number (columns.ts); the driver would give text. */
export function getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
  return oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format)
}

/** Names of prepared statements: each text is parsed and planned once a connection. There are as many as there are reads. */
const names = new Map<string, string>()

function named({ text, values }: Bound) {
  let name = names.get(text)
  if (name === undefined) names.set(text, (name = `cloakroom_${names.size}`))
  return { name, text, values: values.map(bindable) }
}

/**
 * What the driver can surely send: a statement that failed in this process would be missing from a transaction whose commit is
 * on its way already.
 */
function bindable(value: unknown): unknown {
  if (value === null || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(bindable)
  if (['string', 'number', 'boolean'].includes(typeof value)) return value
  throw new TypeError(`cannot be bound: ${typeof value}`)
}

async function read(reading: pg.Pool, bound: Bound): Promise<unknown[][]> {
  const query = { ...named(bound), rowMode: 'array' as const }
  try {
    return (await reading.query(query)).rows
  } catch (error) {
    throw whyUnread(error)
  }
}

const BEGIN = 'begin isolation level read committed read write'

async function transact(committing: pg.Pool, statements: readonly Bound[]): Promise<void> {
  const queries = statements.map(named)
  const client = await committing.connect().catch((error: unknown) => {
    throw new TransactionError('unwritable', error)
  })
  const sent = [client.query(BEGIN), ...queries.map((query) => client.query(query))]
  const [ended, ...results] = await Promise.allSettled([client.query('commit'), ...sent])
  const failed = results.find((result) => result.status === 'rejected')
  const committed = !failed && ended.status === 'fulfilled' && ended.value.command === 'COMMIT'
  const why = committed ? undefined : whyUndone(failed?.reason, ended)
  // One that leads to a server that does not write may lead elsewhere when it is made anew.
  client.release(why !== undefined && why.fault !== 'moved')
  if (why) throw why
}
