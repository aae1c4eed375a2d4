import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core'

export type SqliteDatabase = BaseSQLiteDatabase<'sync', unknown>

/**
 * What an exception of the engine means. `unique`: a key is taken. `unwritable`: nothing was written, a later try may do
 * (disk full, read-only, I/O error, busy). `lost`: whether written data reached the disk is no longer known (a failed
 * fsync, a damaged file): the process must not go on. `other`: anything else, a mistake of ours among it.
 */
export type Fault = 'unique' | 'unwritable' | 'lost' | 'other'

/** How many rows a statement has inserted, updated or deleted: RETURNING tells too, at several times the cost. */
export type RowsOf = (result: unknown) => number

/**
 * What the adapter needs of an SQLite engine: Node's better-sqlite3 and a Durable Object's own both give it. One
 * connection, used by nobody else; everything is synchronous, so nothing comes between the calls of one turn.
 */
export type SqliteDriver = {
  readonly db: SqliteDatabase
  /** All of `run` or nothing; on disk once returned. */
  transaction<T>(run: () => T): T
  /** Within a transaction: undoes what `run` did if it throws, and leaves the rest. */
  savepoint<T>(run: () => T): T
  /** What a statement that was run did. */
  readonly rowsOf: RowsOf
  /** Leaves no file with what was overwritten before. @throws if it cannot be done now. */
  scrub(): void
  faultOf(error: unknown): Fault
  /** Runs `work` after the present turn of the event loop, so that what arrives together is handled together. */
  schedule(work: () => void): void
  close(): void
}
