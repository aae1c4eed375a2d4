import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { join } from 'node:path'
import { VaultError } from '../../core/errors.ts'
import type { Fault, SqliteDriver } from '../../storage/sqlite/driver.ts'
import { sqliteStore } from '../../storage/sqlite/store.ts'
import type { StoreOptions } from '../../storage/sqlite/store.ts'
import type { VaultStore } from '../../vault/store.ts'
import type { CopyDatabase } from './backup/copy.ts'
import { openDataFolder, unwritable } from './data-folder.ts'
import { compilePrepared } from '../prepared.ts'
import { MARK_TABLE, refuseUnfinished } from '../move-mark.ts'
import { hasTable, migrateDatabase } from './sqlite-migrations.ts'

export const DATABASE_FILE = 'cloakroom.sqlite'

const MIN_NODE_MAJOR = 22

/** KiB of pages kept in memory: the indexes that random keys hit, for a million persons. */
const CACHE_KIB = 32 * 1024

/**
 * Rows changed before the write-ahead log is moved into the database: some 5,000 to 15,000 pages of it. What many commits write
 * again and again is then moved once; twice as many, and the requests that wait meanwhile are the slowest hundredth.
 */
const CHECKPOINT_ROWS = 16_000

/** PRAGMA synchronous: 2 is FULL, 3 EXTRA. */
const SYNCHRONOUS_FULL = 2

export type OpenedStore = { store: VaultStore; copyTo: CopyDatabase; close: () => Promise<void> }

/**
 * Opens the vault's database in a data folder that this process then holds alone.
 * @throws VaultError `config_invalid` on an old Node, `data_folder_in_use`, `data_folder_unwritable`,
 *   `database_unreadable`, `database_newer`, `durability_not_held`, `move_unfinished`.
 */
export async function openSqliteStore(folder: string, options: StoreOptions): Promise<OpenedStore> {
  requireNode(process.versions.node)
  const held = openDataFolder(folder)
  try {
    const client = openDatabase(join(folder, DATABASE_FILE))
    const store = sqliteStore(sqliteDriver(client), options)
    return { store, copyTo: copier(client), close: () => store.close().finally(() => held.release()) }
  } catch (error) {
    held.release()
    throw error
  }
}

/** @throws VaultError `config_invalid` below the oldest Node that this runs on. */
export function requireNode(version: string): void {
  if (Number(version.split('.')[0]) >= MIN_NODE_MAJOR) return
  throw new VaultError(
    'config_invalid',
    `Cloakroom needs Node ${MIN_NODE_MAJOR} or newer; this is Node ${version}.`,
  )
}

/** SQLite's online backup, on the connection that writes: what it writes meanwhile goes into the copy too. */
export function copier(client: Database.Database): CopyDatabase {
  return (path, onStep) =>
    client.backup(path, { progress: ({ remainingPages, totalPages }) => onStep(remainingPages, totalPages) })
}

/**
 * A connection with its settings held and its schema up to date.
 * @param options.toMove takes a store that a move has not filled yet.
 * @throws VaultError as `openSqliteStore`.
 */
export function openDatabase(path: string, options: { toMove?: boolean } = {}): Database.Database {
  let client: Database.Database | undefined
  try {
    client = new Database(path, { timeout: 0 })
    configure(client)
    if (options.toMove !== true && hasTable(client, MARK_TABLE)) refuseUnfinished()
    migrateDatabase(client)
    // Durability once more, after all that opening did; and what an erasure left when the process died halfway.
    requireDurable(client)
    scrub(client)
    return client
  } catch (error) {
    client?.close()
    throw openingError(path, error)
  }
}

function configure(client: Database.Database): void {
  // Set before anything is read: the log's index then stays in memory, and each read saves its system calls. A reader from
  // outside could also keep an erasure from emptying the log.
  client.pragma('locking_mode = EXCLUSIVE')
  client.pragma('journal_mode = WAL')
  // better-sqlite3 is built so that a connection in WAL mode falls to NORMAL at its first statement unless told.
  client.prepare('select count(*) from sqlite_master').get()
  client.pragma('synchronous = FULL')
  client.pragma('fullfsync = ON')
  client.pragma('checkpoint_fullfsync = ON')
  client.pragma('secure_delete = ON')
  client.pragma('foreign_keys = ON')
  client.pragma('temp_store = MEMORY')
  // By itself SQLite would move it too, but says nothing of a sync that fails then, and asks again at the next commit.
  client.pragma('wal_autocheckpoint = 0')
  client.pragma(`cache_size = -${CACHE_KIB}`)
  requireDurable(client)
}

/** @throws VaultError `durability_not_held` unless each commit is on disk before it is acknowledged. */
export function requireDurable(client: Database.Database): void {
  client.prepare('select count(*) from sqlite_master').get()
  const synchronous = Number(client.pragma('synchronous', { simple: true }))
  const journal = client.pragma('journal_mode', { simple: true })
  if (synchronous >= SYNCHRONOUS_FULL && journal === 'wal') return
  throw new VaultError('durability_not_held', 'The database does not keep what it acknowledges.', {
    detail: `synchronous=${synchronous} journal_mode=${String(journal)}`,
  })
}

function openingError(path: string, error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error
  const { code } = error
  if (/^SQLITE_(NOTADB|CORRUPT|FORMAT)/.test(code)) {
    return new VaultError('database_unreadable', `${path} is not a database or is damaged.`, { cause: error })
  }
  if (/^SQLITE_(CANTOPEN|READONLY|PERM|AUTH|FULL|IOERR)/.test(code)) return unwritable(path, error)
  return error
}

/** Moves the log file's pages into the database and empties it, so that only the latest state is in any file. */
function scrub(client: Database.Database): void {
  const [result] = client.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
  if (!result || result.busy !== 0) throw new Error('the write-ahead log could not be emptied')
}

/**
 * Moves the log's pages into the database once enough has been changed. What just was committed stays so whatever comes of it.
 * @throws the engine's error if a sync failed or the file is damaged; if it merely could not be written, it is tried again.
 */
function logMover(client: Database.Database): () => void {
  const changed = client.prepare('select total_changes()').pluck()
  let moved = 0
  return () => {
    const rows = Number(changed.get())
    if (rows - moved < CHECKPOINT_ROWS) return
    try {
      client.pragma('wal_checkpoint(PASSIVE)')
      moved = rows
    } catch (error) {
      if (faultOf(error) === 'lost') throw error
    }
  }
}

export function sqliteDriver(client: Database.Database): SqliteDriver {
  // Called within itself, better-sqlite3's transaction is a savepoint.
  const together = client.transaction((run: () => unknown) => run())
  const moveLog = logMover(client)
  const db = drizzle(client)
  compilePrepared(db)
  return {
    db,
    transaction(run) {
      const result = together.immediate(run) as ReturnType<typeof run>
      moveLog()
      return result
    },
    savepoint: (run) => together(run) as ReturnType<typeof run>,
    rowsOf: (result) => (result as Database.RunResult).changes,
    scrub: () => scrub(client),
    faultOf,
    schedule: (work) => void setImmediate(work),
    close: () => void client.close(),
  }
}

/** SQLite's extended result codes, https://www.sqlite.org/rescode.html. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return 'other'
  const { code } = error
  if (/^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY|ROWID)$/.test(code)) return 'unique'
  // After a failed fsync the kernel may have dropped the pages and will not say so again.
  if (/^SQLITE_(IOERR_(DIR_)?FSYNC|CORRUPT|NOTADB)/.test(code)) return 'lost'
  if (/^SQLITE_(FULL|READONLY|IOERR|BUSY|LOCKED|CANTOPEN|PERM|NOMEM|PROTOCOL)/.test(code)) return 'unwritable'
  return 'other'
}
