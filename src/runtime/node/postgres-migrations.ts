import pg from 'pg'
import { drizzle } from 'drizzle-orm/node-postgres'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { fileURLToPath } from 'node:url'
import { VaultError } from '../../core/errors.ts'
import { MARK_TABLE, refuseUnfinished } from '../move-mark.ts'
import { whyNotOpened } from '../postgres-faults.ts'
import { requireServer } from '../postgres-server.ts'
import type { Writer } from './postgres-writer.ts'

/** From `src/runtime/node` and from `dist/runtime/node` alike. */
const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../drizzle/postgres', import.meta.url).href)

/** Where drizzle's migrator writes down what it has applied. */
const APPLIED_TABLE = '__drizzle_migrations'

/** Of our own choosing: held while one process brings the schema up to date, and the others wait. */
const MIGRATION_LOCK = 0x636c6f61

/**
 * Brings the schema up to date; of processes that start together one does it.
 * @param options.toMove takes a store that a move has not filled yet.
 * @throws VaultError `config_invalid` below PostgreSQL 15 or for a user who may not, `durability_not_held` if the server does not flush,
 *   `database_newer` if a later version of the program has been here, `move_unfinished`, `unavailable` if the server does not answer.
 */
export async function migrateDatabase(
  writer: Writer,
  schema: string,
  options: { toMove?: boolean } = {},
): Promise<void> {
  const client = new pg.Client(await writer.find().catch(refuse))
  client.on('error', () => undefined)
  try {
    await client.connect()
    await requireServer(client)
    await client.query('select pg_advisory_lock($1, hashtext($2))', [MIGRATION_LOCK, schema])
    if (options.toMove !== true && (await hasTable(client, schema, MARK_TABLE))) refuseUnfinished()
    await requireNotNewer(client, schema)
    await migrate(drizzle(client), {
      migrationsFolder: MIGRATIONS_FOLDER,
      migrationsSchema: schema,
      migrationsTable: APPLIED_TABLE,
    })
  } catch (error) {
    refuse(error)
  } finally {
    // The lock goes with the connection.
    await client.end().catch(() => undefined)
  }
}

function refuse(error: unknown): never {
  throw whyNotOpened(error)
}

/**
 * @returns whether the schema is this version's.
 * @throws VaultError `database_newer`
 */
export async function isUpToDate(client: pg.Client, schema: string): Promise<boolean> {
  const newest = await requireNotNewer(client, schema)
  return newest === (await lastApplied(client, schema))
}

/** @returns when the newest migration that is known here was made. @throws VaultError `database_newer` */
async function requireNotNewer(client: pg.Client, schema: string): Promise<number> {
  const known = readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER })
  const newest = Math.max(...known.map((migration) => migration.folderMillis))
  if ((await lastApplied(client, schema)) <= newest) return newest
  throw new VaultError('database_newer', 'The database was written by a newer version of Cloakroom.')
}

/** When the newest applied migration was made, in milliseconds; 0 for a new database. */
async function lastApplied(client: pg.Client, schema: string): Promise<number> {
  if (!(await hasTable(client, schema, APPLIED_TABLE))) return 0
  const { rows } = await client.query<{ last: string }>(
    `select coalesce(max(created_at), 0) as last from ${inSchema(schema, APPLIED_TABLE)}`,
  )
  return Number(rows[0]?.last)
}

export async function hasTable(client: pg.Client, schema: string, name: string): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>('select to_regclass($1) is not null as found', [
    inSchema(schema, name),
  ])
  return rows[0]?.found === true
}

function inSchema(schema: string, name: string): string {
  return `${pg.escapeIdentifier(schema)}.${name}`
}
