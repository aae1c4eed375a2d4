import type pg from 'pg'
import { drizzle } from 'drizzle-orm/pg-proxy'
import { VaultError } from '../../core/errors.ts'
import { TransactionError } from '../../storage/postgres/driver.ts'
import type { Bound, PostgresDriver } from '../../storage/postgres/driver.ts'
import { postgresStore } from '../../storage/postgres/store.ts'
import type { VaultStore } from '../../vault/store.ts'
import { isGone, whyUndone, whyUnread } from '../postgres-faults.ts'
import { bindable } from '../postgres-values.ts'
import { hostUrls } from './postgres-hosts.ts'
import { migrateDatabase } from './postgres-migrations.ts'
import { WriterPools, sessionOf } from './postgres-pools.ts'
import type { PoolOptions, Pools } from './postgres-pools.ts'
import { SETTLE_MS, settle } from './postgres-settle.ts'
import { Writer } from './postgres-writer.ts'

/** A server that takes no connection in this time is down, as far as a caller who waits is concerned. */
const CONNECT_TIMEOUT_MS = 3_000

export type PostgresOptions = PoolOptions & { schema?: string }

export type OpenedPostgres = {
  store: VaultStore
  /** The server that the store is on. */
  writer: Writer
  close: () => Promise<void>
}

/**
 * Opens the vault's database on a PostgreSQL server, which any number of processes may do at once.
 * @param url of one server, or of several of which one writes.
 * @throws VaultError `config_invalid` for a server that is too old, `unavailable` for one that does not answer,
 *   `database_newer`, `durability_not_held`, `move_unfinished`.
 */
export async function openPostgresStore(url: string, options: PostgresOptions = {}): Promise<OpenedPostgres> {
  const writer = writerOf(url, options)
  await migrateDatabase(writer, options.schema ?? 'public')
  const store = postgresStore(postgresDriver(writer, options))
  return { store, writer, close: () => store.close() }
}

/** @throws VaultError `config_invalid` for what is no URL of servers. */
export function writerOf(url: string, { schema }: Pick<PostgresOptions, 'schema'>): Writer {
  const urls = hostUrls(url)
  if (!urls) throw new VaultError('config_invalid', 'This is no URL of a database.')
  return new Writer(
    urls.map((connectionString) => ({
      connectionString,
      application_name: 'cloakroom',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      ...(schema !== undefined && { options: `-c search_path=${schema}` }),
    })),
  )
}

export function postgresDriver(writer: Writer, options: PoolOptions): PostgresDriver {
  const pools = new WriterPools(writer, options)
  const db = drizzle(async (text, values: unknown[]) => ({ rows: await read(pools, { text, values }) }))
  return {
    db,
    transact: (statements) => transact(pools, statements),
    settle: (session, look) =>
      settle(pools, session, {
        look: () => transact(pools, look),
        patienceMs: options.settleMs ?? SETTLE_MS,
      }),
    close: () => pools.close(),
  }
}

/** Names of prepared statements: each text is parsed and planned once a connection. There are as many as there are reads. */
const names = new Map<string, string>()

function named({ text, values }: Bound) {
  let name = names.get(text)
  if (name === undefined) names.set(text, (name = `cloakroom_${names.size}`))
  return { name, text, values: values.map(bindable) }
}

async function read(writer: WriterPools, bound: Bound): Promise<unknown[][]> {
  const query = { ...named(bound), rowMode: 'array' as const }
  let pools: Pools | undefined
  try {
    pools = await writer.present()
    return (await pools.reading.query(query)).rows
  } catch (error) {
    if (pools && isGone(error)) writer.lost(pools)
    throw whyUnread(error)
  }
}

const BEGIN = 'begin isolation level read committed read write'

async function transact(writer: WriterPools, statements: readonly Bound[]): Promise<void> {
  const queries = statements.map(named)
  const { pools, client } = await connected(writer)
  const warning = warningOf(client)
  const sent = [client.query(BEGIN), ...queries.map((query) => client.query(query))]
  const [ended, ...results] = await Promise.allSettled([client.query('commit'), ...sent])
  const failed = results.find((result) => result.status === 'rejected')
  const committed = !failed && ended.status === 'fulfilled' && ended.value.command === 'COMMIT'
  const doubt = warning()
  const session = sessionOf(client)
  const why = committed
    ? doubt && new TransactionError('unknown', doubt, session)
    : whyUndone(failed?.reason, ended, session)
  // One that leads to a server that does not write may lead elsewhere when it is made anew.
  client.release(why !== undefined && why.fault !== 'moved')
  if (!why) return
  if (why.fault === 'unknown' || isGone(why.cause)) writer.lost(pools)
  throw why
}

async function connected(writer: WriterPools): Promise<{ pools: Pools; client: pg.PoolClient }> {
  let pools: Pools | undefined
  try {
    pools = await writer.present()
    return { pools, client: await pools.committing.connect() }
  } catch (error) {
    if (pools && isGone(error)) writer.lost(pools)
    throw new TransactionError('unwritable', error)
  }
}

/** SQLSTATE class 01. A commit whose wait for the standby was broken off is told as done, and only a warning says that it may be lost. */
const WARNING = /^01/

/** @returns what gives the first warning since, and listens no more. */
function warningOf(client: pg.PoolClient): () => Error | undefined {
  let warned: Error | undefined
  const listen = (notice: { code?: string | undefined; message?: string | undefined }) => {
    if (WARNING.test(notice.code ?? '')) warned ??= new Error(notice.message)
  }
  client.on('notice', listen)
  return () => {
    client.off('notice', listen)
    return warned
  }
}
