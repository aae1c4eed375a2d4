import { drizzle } from 'drizzle-orm/durable-sqlite'
import type { DrizzleSqliteDODatabase } from 'drizzle-orm/durable-sqlite'
import type { Fault, SqliteDriver } from '../../storage/sqlite/driver.ts'
import { compilePrepared } from '../prepared.ts'
import type { EngineStatement } from '../prepared.ts'

type Values = SqlStorageValue[]

/** The engine keeps what it has compiled by the statement's text. */
function engineStatement({ sql }: DurableObjectStorage, text: string): EngineStatement {
  const run = (values: unknown[]) => sql.exec(text, ...(values as Values))
  let asLists = false
  const rows = (values: unknown[]): unknown[] => {
    const cursor = run(values)
    return asLists ? [...cursor.raw()] : cursor.toArray()
  }
  return {
    run: (...values) => run(values),
    get: (...values) => rows(values)[0],
    all: (...values) => rows(values),
    raw: (on) => (asLists = on),
  }
}

type Prepared = { query: { sql: string }; stmt?: EngineStatement }
type Session = { prepareQuery(...parts: unknown[]): Prepared }

/** Drizzle over an object's storage, statements compiled as on Node (docs/decisions/0013). */
export function openDrizzle(storage: DurableObjectStorage): DrizzleSqliteDODatabase {
  const db = drizzle(storage)
  const { session } = db as unknown as { session: Session }
  const prepareQuery = session.prepareQuery.bind(session)
  session.prepareQuery = (...parts) => {
    const prepared = prepareQuery(...parts)
    prepared.stmt = engineStatement(storage, prepared.query.sql)
    return prepared
  }
  compilePrepared(db)
  return db
}

/**
 * A Durable Object's own SQLite. The platform holds back every answer until what was written before it is durable, so
 * that nobody hears of a commit that may yet be lost.
 * @param written called in the same turn as each transaction: what it stores is kept or lost with it.
 */
export function durableDriver(
  storage: DurableObjectStorage,
  db: DrizzleSqliteDODatabase,
  written: () => void = () => undefined,
): SqliteDriver {
  return {
    db,
    transaction(run) {
      const result = storage.transactionSync(run)
      written()
      return result
    },
    savepoint: (run) => storage.transactionSync(run),
    // Entries of indexes count too: enough for an adapter that asks whether there was any.
    rowsOf: (result) => (result as SqlStorageCursor<Record<string, SqlStorageValue>>).rowsWritten,
    // Nothing to do and nothing that could be: the platform keeps 30 days of what was there before (docs/edge.md).
    scrub: () => undefined,
    faultOf,
    schedule: (work) => void setTimeout(work, 0),
    close: () => undefined,
  }
}

/** The engine names SQLite's result code, and the extended one, at the end of the message. */
export function faultOf(error: unknown): Fault {
  const message = messageOf(error)
  if (/SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY|ROWID)|UNIQUE constraint failed/.test(message)) return 'unique'
  if (/SQLITE_(IOERR_(DIR_)?FSYNC|CORRUPT|NOTADB)/.test(message)) return 'lost'
  if (/SQLITE_(FULL|READONLY|IOERR|BUSY|LOCKED|CANTOPEN|PERM|NOMEM|PROTOCOL)/.test(message))
    return 'unwritable'
  return 'other'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : ''
}
