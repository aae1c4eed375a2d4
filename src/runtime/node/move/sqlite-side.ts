import type Database from 'better-sqlite3'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { VaultError } from '../../../core/errors.ts'
import { countStatement, pageStatement, quoted } from '../../../storage/move/shape.ts'
import { MOVED_TABLES, decodeRow, encodeRow } from '../../../storage/move/tables.ts'
import type { MovedTable, Row } from '../../../storage/move/tables.ts'
import { openDataFolder } from '../data-folder.ts'
import { hasTable, isUpToDate } from '../sqlite-migrations.ts'
import { DATABASE_FILE, openDatabase, sqliteDriver } from '../sqlite.ts'
import { connectUnchanged, otherVersion, readingError } from '../unchanged.ts'
import { MAKE_MARK, MARK_TABLE, REMOVE_MARK } from '../../move-mark.ts'
import type { Mark } from '../../move-mark.ts'
import { decoded, formatProgress, parseProgress, requireSameSource, storeNotEmpty } from './side.ts'
import type { Reader, Source, Target } from './side.ts'

/**
 * The vault in a data folder, which is held until it is closed and not changed.
 * @throws VaultError `not_found`, `data_folder_in_use`, `database_newer`, `database_unreadable`, `move_unfinished`
 */
export function openFolderSource(folder: string): Source {
  const path = join(folder, DATABASE_FILE)
  if (!existsSync(path)) throw new VaultError('not_found', `There is no vault in ${folder}.`)
  const held = openDataFolder(folder)
  try {
    const { client, close } = connectUnchanged(path)
    try {
      if (!isUpToDate(client)) throw otherVersion(path)
    } catch (error) {
      close()
      throw error
    }
    return {
      ...reader(folder, client),
      hold: () => Promise.resolve(),
      async close() {
        close()
        held.release()
      },
    }
  } catch (error) {
    held.release()
    throw readingError(path, error)
  }
}

function reader(name: string, client: Database.Database): Reader {
  const statements = new Map<string, Database.Statement<unknown[], unknown[]>>()
  const prepared = (text: string) => {
    const known = statements.get(text) ?? client.prepare<unknown[], unknown[]>(text).raw()
    statements.set(text, known)
    return known
  }
  return {
    name,
    async page(table, after, limit) {
      const text = pageStatement(table, after === undefined, () => '?')
      const rows = asked(name, () => prepared(text).all(...(after ?? []), limit))
      return rows.map((row) => decoded(name, () => decodeRow('sqlite', table, row)))
    },
    async count(table) {
      const rows = asked(name, () => prepared(countStatement(table)).all())
      return Number(rows[0]?.[0])
    },
  }
}

function asked<T>(name: string, ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    throw readingError(name, error)
  }
}

/**
 * A data folder to be filled: a new one, one without a vault, or one that a move has half filled.
 * @throws VaultError `store_not_empty`, `data_folder_in_use`, and as `openDatabase`.
 */
export function openFolderTarget(folder: string): Target {
  const held = openDataFolder(folder)
  const path = join(folder, DATABASE_FILE)
  try {
    // Before the schema of a vault that somebody still needs could be brought up to date.
    if (existsSync(path)) requireRoom(folder, path)
    const client = openDatabase(path, { toMove: true })
    return { ...reader(folder, client), ...filling(folder, client, () => held.release()) }
  } catch (error) {
    held.release()
    throw readingError(path, error)
  }
}

function requireRoom(folder: string, path: string): void {
  const { client, close } = connectUnchanged(path, { toMove: true })
  try {
    if (!hasTable(client, MARK_TABLE)) requireEmpty(folder, client)
  } finally {
    close()
  }
}

function requireEmpty(folder: string, client: Database.Database): void {
  for (const { name } of MOVED_TABLES) {
    if (!hasTable(client, name)) continue
    if (client.prepare(`select 1 from ${quoted(name)} limit 1`).get() !== undefined)
      throw storeNotEmpty(folder)
  }
}

function filling(folder: string, client: Database.Database, release: () => void): Omit<Target, keyof Reader> {
  const driver = sqliteDriver(client)
  const inserts = new Map(MOVED_TABLES.map((table) => [table.name, client.prepare(insertStatement(table))]))
  const insert = (table: MovedTable, rows: readonly Row[]) => {
    const statement = inserts.get(table.name)
    for (const row of rows) statement?.run(...encodeRow('sqlite', table, row))
  }
  return {
    async begin(source) {
      return driver.transaction(() => {
        if (hasTable(client, MARK_TABLE)) {
          const mark = client.prepare<[], Mark>(`select source, progress from ${MARK_TABLE}`).get()
          requireSameSource(folder, mark?.source ?? '', source)
          return parseProgress(mark?.progress ?? '')
        }
        requireEmpty(folder, client)
        client.exec(MAKE_MARK)
        client
          .prepare(`insert into ${MARK_TABLE} (no, source, progress) values (1, ?, ?)`)
          .run(source, formatProgress(undefined))
        return undefined
      })
    },
    async write(table, rows, progress) {
      driver.transaction(() => {
        insert(table, rows)
        client.prepare(`update ${MARK_TABLE} set progress = ?`).run(formatProgress(progress))
      })
    },
    // The file is this process's own.
    beginProof: () => Promise.resolve(),
    async publish() {
      driver.transaction(() => client.exec(REMOVE_MARK))
      client.pragma('wal_checkpoint(TRUNCATE)')
    },
    async close() {
      client.close()
      release()
    },
  }
}

function insertStatement({ name, columns }: MovedTable): string {
  const names = columns.map((column) => quoted(column.name)).join(', ')
  return `insert into ${quoted(name)} (${names}) values (${columns.map(() => '?').join(', ')})`
}
