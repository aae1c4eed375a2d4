import { sql } from 'drizzle-orm'
import { migrate } from 'drizzle-orm/durable-sqlite/migrator'
import type { DrizzleSqliteDODatabase } from 'drizzle-orm/durable-sqlite'
import { VaultError } from '../../core/errors.ts'
import first from '../../../drizzle/sqlite/0000_first.sql'
import journal from '../../../drizzle/sqlite/meta/_journal.json' with { type: 'json' }

/** By index in the journal. One that stands there and not here keeps every object from opening: a test looks. */
export const MIGRATIONS: Readonly<Record<string, string>> = { m0000: first }

/** Where drizzle's migrator writes down what it has applied. */
const APPLIED_TABLE = '__drizzle_migrations'

/** Whether an object has ever been made ready. Only reads: an object that stores nothing does not exist. */
export function isMade(db: DrizzleSqliteDODatabase): boolean {
  const rows = db.all(sql`select 1 from sqlite_master where type = 'table' and name = ${APPLIED_TABLE}`)
  return rows.length > 0
}

/** When the newest migration of this version was made: what drizzle's migrator writes down of those that it has applied. */
const NEWEST = Math.max(...journal.entries.map(({ when }) => when))

/**
 * Brings the schema up to date in one transaction.
 * @throws VaultError `database_newer` if a later version of the program has been here: its rows may mean something else.
 */
export async function migrateObject(db: DrizzleSqliteDODatabase): Promise<void> {
  if (isMade(db)) requireNotNewer(db)
  await migrate(db, { journal, migrations: { ...MIGRATIONS } })
}

/**
 * @returns by what number a schema is known, which is this version's: nothing is changed.
 * @throws VaultError `database_newer`, `database_older`
 */
export function schemaOf(db: DrizzleSqliteDODatabase): number {
  const last = requireNotNewer(db)
  if (last === NEWEST) return last
  throw new VaultError(
    'database_older',
    'The database has not the schema of this version. Wake the tenant, which brings it up to date, and put it to rest again.',
  )
}

function requireNotNewer(db: DrizzleSqliteDODatabase): number {
  const last = lastApplied(db)
  if (last <= NEWEST) return last
  throw new VaultError('database_newer', 'The database was written by a newer version of Cloakroom.')
}

function lastApplied(db: DrizzleSqliteDODatabase): number {
  const rows = db.all<{ last: number | string }>(
    sql`select coalesce(max(created_at), 0) as last from ${sql.identifier(APPLIED_TABLE)}`,
  )
  return Number(rows[0]?.last ?? 0)
}
