import pg from 'pg'
import { VaultError } from '../../../core/errors.ts'
import { countStatement, pageStatement, quoted } from '../../../storage/move/shape.ts'
import { MOVED_TABLES, decodeRow, encodeRow } from '../../../storage/move/tables.ts'
import type { MovedTable, Row } from '../../../storage/move/tables.ts'
import { whyNotOpened, whyUnread } from '../../postgres-faults.ts'
import { LEAD_LOCK, requireServer } from '../../postgres-server.ts'
import { getTypeParser } from '../../postgres-values.ts'
import { hostUrls } from '../postgres-hosts.ts'
import { SEEK } from '../postgres-lead.ts'
import { hasTable, isUpToDate, migrateDatabase } from '../postgres-migrations.ts'
import { writerOf } from '../postgres.ts'
import { MAKE_MARK, MARK_TABLE, REMOVE_MARK, refuseUnfinished } from '../../move-mark.ts'
import type { Mark } from '../../move-mark.ts'
import { decoded, formatProgress, parseProgress, requireSameSource, storeNotEmpty } from './side.ts'
import type { Reader, Source, Target } from './side.ts'

const SCHEMA = 'public'

/** A page is read or written while nothing else is, however long that takes; a lock is had at once or not at all. */
const PATIENT = 'set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set lock_timeout = 0'

/**
 * Every transaction of a vault first locks its tenant's row, or inserts it: while this is held none of them goes on, of whichever
 * process and version. Reads do.
 */
const NOBODY_COMMITS = 'lock table tenants in exclusive mode nowait'

/** Of the last transaction, whatever the server's default: it is on disk, and on the synchronous standby where there is one. */
const KEEP = `select set_config('synchronous_commit', case reset_val when 'remote_apply' then reset_val else 'on' end, true)
  from pg_settings where name = 'synchronous_commit'`

/** As the catalogue of SQLSTATEs calls it: lock_not_available. */
const LOCKED = '55P03'

/** @param url holds a password, which must not be shown. */
export function databaseName(url: string): string {
  const servers = (hostUrls(url) ?? [url]).map((one) => new URL(one))
  return `postgres://${servers.map(({ host }) => host).join()}${servers[0]?.pathname}`
}

/**
 * The vault in a database, in one snapshot; nobody commits to it until it is closed.
 * @throws VaultError `not_found`, `store_in_use`, `database_newer`, `database_unreadable`, `move_unfinished`, and as `migrateDatabase`.
 */
export async function openDatabaseSource(url: string): Promise<Source> {
  const name = databaseName(url)
  return connected(url, async (client) => {
    await requireServer(client)
    if (!(await hasTable(client, SCHEMA, 'tenants'))) {
      throw new VaultError('not_found', `There is no vault in ${name}.`)
    }
    if (await hasTable(client, SCHEMA, MARK_TABLE)) refuseUnfinished()
    if (!(await isUpToDate(client, SCHEMA))) {
      throw new VaultError(
        'database_unreadable',
        `${name} is not a database of this version of Cloakroom. Start and stop the service on it once, then try again.`,
      )
    }
    await takeLead(client, name)
    await client.query('begin isolation level repeatable read read only')
    await lockOut(client, name)
    return { ...reader(name, client), hold: () => Promise.resolve(), close: () => end(client) }
  })
}

async function connected<T>(url: string, open: (client: pg.Client) => Promise<T>): Promise<T> {
  const connection = await writerOf(url, {}).find().catch(refuse)
  const client = new pg.Client({ ...connection, keepAlive: true, types: { getTypeParser } })
  // What breaks in use is told by the query.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(PATIENT)
    return await open(client)
  } catch (error) {
    await end(client)
    throw whyNotOpened(error)
  }
}

function refuse(error: unknown): never {
  throw whyNotOpened(error)
}

async function end(client: pg.Client): Promise<void> {
  await client.end().catch(() => undefined)
}

/** Whoever serves a database has its lead, one process of all; it goes with the connection. */
async function takeLead(client: pg.Client, name: string): Promise<void> {
  const { rows } = await client.query<{ leads: boolean }>(SEEK, [LEAD_LOCK])
  if (rows[0]?.leads !== true) throw inUse(name)
}

async function lockOut(client: pg.Client, name: string): Promise<void> {
  try {
    await client.query(NOBODY_COMMITS)
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === LOCKED) throw inUse(name)
    throw error
  }
}

function inUse(name: string): VaultError {
  return new VaultError(
    'store_in_use',
    `${name} is in use by another process. Stop every service on it first.`,
  )
}

function reader(name: string, client: pg.Client): Reader {
  return {
    name,
    async page(table, after, limit) {
      const text = pageStatement(table, after === undefined, (nth) => `$${nth}`)
      const rows = await asked(client, text, [...(after ?? []), limit])
      return rows.map((row) => decoded(name, () => decodeRow('postgres', table, row)))
    },
    async count(table) {
      const rows = await asked(client, countStatement(table), [])
      return Number(rows[0]?.[0])
    },
  }
}

async function asked(client: pg.Client, text: string, values: unknown[]): Promise<unknown[][]> {
  try {
    return (await client.query({ text, values, rowMode: 'array' })).rows
  } catch (error) {
    throw whyUnread(error)
  }
}

/**
 * A database to be filled: an empty one, or one that a move has half filled. Whoever would serve it is refused by the mark.
 * @throws VaultError `store_not_empty`, `store_in_use`, and as `migrateDatabase`.
 */
export async function openDatabaseTarget(url: string): Promise<Target> {
  const name = databaseName(url)
  return connected(url, async (client) => {
    await requireServer(client)
    await takeLead(client, name)
    // Before the schema of a vault that somebody still needs could be brought up to date.
    if (!(await hasTable(client, SCHEMA, MARK_TABLE))) await requireEmpty(client, name)
    await migrateDatabase(writerOf(url, {}), SCHEMA, { toMove: true })
    // All pages are on disk with the last commit, which waits for it.
    await client.query('set synchronous_commit = off')
    return { ...reader(name, client), ...filling(name, client) }
  })
}

async function requireEmpty(client: pg.Client, name: string): Promise<void> {
  for (const table of MOVED_TABLES) {
    if (!(await hasTable(client, SCHEMA, table.name))) continue
    const { rowCount } = await client.query(`select 1 from ${quoted(table.name)} limit 1`)
    if (rowCount !== 0) throw storeNotEmpty(name)
  }
}

function filling(name: string, client: pg.Client): Omit<Target, keyof Reader> {
  return {
    begin: (source) =>
      together(client, async () => {
        await lockOut(client, name)
        if (await hasTable(client, SCHEMA, MARK_TABLE)) {
          const { rows } = await client.query<Mark>(`select source, progress from ${MARK_TABLE}`)
          requireSameSource(name, rows[0]?.source ?? '', source)
          return parseProgress(rows[0]?.progress ?? '')
        }
        await requireEmpty(client, name)
        await client.query(MAKE_MARK)
        const values = [source, formatProgress(undefined)]
        await client.query(`insert into ${MARK_TABLE} (no, source, progress) values (1, $1, $2)`, values)
        return undefined
      }),
    async write(table, rows, progress) {
      const values = [...columnsOf(table, rows), formatProgress(progress)]
      await asked(client, writeStatement(table), values)
    },
    async beginProof() {
      await asked(client, 'begin isolation level repeatable read', [])
      await lockOut(client, name)
    },
    async publish() {
      for (const table of MOVED_TABLES) await setNumbersOn(client, table)
      await asked(client, REMOVE_MARK, [])
      await asked(client, KEEP, [])
      await asked(client, 'commit', [])
    },
    close: () => end(client),
  }
}

async function together<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  try {
    await client.query('begin')
    const result = await work()
    await client.query('commit')
    return result
  } catch (error) {
    // If this fails too, the connection is gone and its transaction with it.
    await client.query('rollback').catch(() => undefined)
    throw whyUnread(error)
  }
}

/** Rows and mark in one statement, which is a transaction. A column's values are one argument, however many the rows. */
function writeStatement({ name, columns }: MovedTable): string {
  const names = columns.map((column) => quoted(column.name)).join(', ')
  const lists = columns.map(({ postgresType }, i) => `$${i + 1}::${postgresType}[]`).join(', ')
  const insert = `insert into ${quoted(name)} (${names}) select * from unnest(${lists})`
  return `with written as (${insert}) update ${MARK_TABLE} set progress = $${columns.length + 1}`
}

function columnsOf(table: MovedTable, rows: readonly Row[]): unknown[][] {
  const encoded = rows.map((row) => encodeRow('postgres', table, row))
  return table.columns.map((_, i) => encoded.map((row) => row[i]))
}

/** The next row gets the number after the last, as in SQLite. */
async function setNumbersOn(client: pg.Client, { name, numbered }: MovedTable): Promise<void> {
  if (numbered === undefined) return
  const last = `(select max(${quoted(numbered)}) from ${quoted(name)})`
  const text = `select setval(pg_get_serial_sequence($1, $2), coalesce(${last}, 1), ${last} is not null)`
  await asked(client, text, [name, numbered])
}
