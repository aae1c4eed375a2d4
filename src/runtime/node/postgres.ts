import { drizzle } from 'drizzle-orm/pg-proxy'
import { VaultError } from '../../core/errors.ts'
import type { Bound, SharedDriver } from '../../storage/postgres/driver.ts'
import { postgresStore } from '../../storage/postgres/store.ts'
import type { VaultStore } from '../../vault/store.ts'
import { isGone, whyUnread } from '../postgres-faults.ts'
import { hostUrls } from './postgres-hosts.ts'
import { migrateDatabase } from './postgres-migrations.ts'
import { named } from './postgres-names.ts'
import { WriterPools } from './postgres-pools.ts'
import type { PoolOptions, Pools } from './postgres-pools.ts'
import { SETTLE_MS, settle } from './postgres-settle.ts'
import { transact, transactEach } from './postgres-transact.ts'
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

export function postgresDriver(writer: Writer, options: PoolOptions): SharedDriver {
  const pools = new WriterPools(writer, options)
  const db = drizzle(async (text, values: unknown[]) => ({ rows: await read(pools, { text, values }) }))
  return {
    db,
    transact: (statements) => transact(pools, statements),
    transactEach: (head, lists) => transactEach(pools, head, lists),
    settle: (session, look) =>
      settle(pools, session, {
        look: () => transact(pools, look),
        patienceMs: options.settleMs ?? SETTLE_MS,
      }),
    close: () => pools.close(),
  }
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
