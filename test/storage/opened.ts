import type Database from 'better-sqlite3'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DATABASE_FILE, openDatabase, sqliteDriver } from '../../src/runtime/node/sqlite.ts'
import type { SqliteDriver } from '../../src/storage/sqlite/driver.ts'
import { sqliteStore } from '../../src/storage/sqlite/store.ts'

export function tempFolder(): string {
  return mkdtempSync(join(tmpdir(), 'cloakroom-store-'))
}

/** A store whose connection and driver a test can look into and tamper with. */
export function openInside(
  folder: string,
  wrap: (driver: SqliteDriver) => SqliteDriver = (driver) => driver,
) {
  const client = openDatabase(join(folder, DATABASE_FILE))
  const driver = wrap(sqliteDriver(client))
  const fatal: unknown[] = []
  const store = sqliteStore(driver, { onFatal: (cause) => fatal.push(cause) })
  return { client, driver, store, fatal }
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/** Every row of every table but the migrator's own, blobs as hex, in the order of their keys. */
export function dumpTables(client: Database.Database): Record<string, unknown[]> {
  const names = client
    .prepare(
      `select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\' order by name`,
    )
    .pluck()
    .all() as string[]
  return Object.fromEntries(
    names.map((name) => {
      const rows = client.prepare(`select * from ${name}`).all() as Record<string, unknown>[]
      return [name, rows.map(printable)]
    }),
  )
}

function printable(row: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(row).map(([column, value]) => [
    column,
    Buffer.isBuffer(value) ? value.toString('hex') : value,
  ])
  return Object.fromEntries(entries) as Record<string, unknown>
}
