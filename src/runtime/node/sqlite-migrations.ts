import type Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { fileURLToPath } from 'node:url'
import { VaultError } from '../../core/errors.ts'

/** From `src/runtime/node` and from `dist/runtime/node` alike. */
const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../drizzle/sqlite', import.meta.url).href)

/** Where drizzle's migrator writes down what it has applied. */
const APPLIED_TABLE = '__drizzle_migrations'

/**
 * Brings the schema up to date in one transaction.
 * @throws VaultError `database_newer` if a later version of the program has been here: its rows may mean something else.
 */
export function migrateDatabase(client: Database.Database): void {
  requireNotNewer(client)
  migrate(drizzle(client), { migrationsFolder: MIGRATIONS_FOLDER })
}

/**
 * @returns whether the schema is this version's.
 * @throws VaultError `database_newer`
 */
export function isUpToDate(client: Database.Database): boolean {
  return requireNotNewer(client) === lastApplied(client)
}

/** When the newest migration that is known here was made, in milliseconds: by it a schema is known. */
export function newestSchema(): number {
  const known = readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER })
  return Math.max(...known.map((migration) => migration.folderMillis))
}

/** @returns `newestSchema`. @throws VaultError `database_newer` */
function requireNotNewer(client: Database.Database): number {
  const newest = newestSchema()
  if (lastApplied(client) <= newest) return newest
  throw new VaultError('database_newer', 'The database was written by a newer version of Cloakroom.')
}

/** When the newest applied migration was made, in milliseconds; 0 for a new database. */
function lastApplied(client: Database.Database): number {
  if (!hasTable(client, APPLIED_TABLE)) return 0
  return Number(client.prepare(`select coalesce(max(created_at), 0) from ${APPLIED_TABLE}`).pluck().get())
}

export function hasTable(client: Database.Database, name: string): boolean {
  return (
    client.prepare(`select 1 from sqlite_master where type = 'table' and name = ?`).get(name) !== undefined
  )
}
