import pg from 'pg'
import { VaultError } from '../core/errors.ts'
import { TransactionError } from '../storage/postgres/driver.ts'
import type { Fault, LostSession } from '../storage/postgres/driver.ts'

// SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html.

/** A guard of ours, a key that is taken, a serialization failure, a deadlock. */
const MOVED = /^(CK409|23505|40001|40P01)$/

/**
 * Read-only (a standby says 0A000 to whoever begins to write there), out of disk, memory or connections, I/O error, a lock, statement or transaction that took too long, a
 * server that starts or stops.
 */
const UNWRITABLE = /^(0A000|25006|25P0[34]|53...|58...|55P03|57014|57P0[1235]|08...)$/

/** Whether a guard of ours did not hold, which says something of the rows that it looked at. */
export function isGuard(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === 'CK409'
}

function faultOf(error: unknown): Fault {
  if (!(error instanceof pg.DatabaseError) || error.code === undefined) return 'unknown'
  if (MOVED.test(error.code)) return 'moved'
  return UNWRITABLE.test(error.code) ? 'unwritable' : 'other'
}

/** A standby, one that stops or starts. */
const GOES = /^(25006|57P0[1235]|08...)$/

/** What the pool says itself, of connections that are all in use. */
const ALL_IN_USE = 'timeout exceeded when trying to connect'

/** Whether it shows that the server is not there, or does not write: another may. */
export function isGone(error: unknown): boolean {
  if (error instanceof pg.DatabaseError && error.code !== undefined) return GOES.test(error.code)
  return !(error instanceof Error && error.message === ALL_IN_USE)
}

/**
 * Why a transaction that was sent whole, its commit behind it, does not stand. If the server refused a statement, it undid
 * the rest whatever came of the connection then. If the connection broke before any refusal arrived, it may have committed.
 * @param failed what the first statement that failed was told; undefined if none did.
 */
export function whyUndone(
  failed: unknown,
  ended: PromiseSettledResult<pg.QueryResult>,
  session: LostSession | undefined,
): TransactionError {
  if (failed !== undefined) return new TransactionError(faultOf(failed), failed, session)
  if (ended.status === 'fulfilled')
    return new TransactionError('other', new Error('rolled back without a reason'))
  // The commit itself was refused: only these say that it came to nothing.
  const fault = faultOf(ended.reason)
  return new TransactionError(fault === 'moved' ? fault : 'unknown', ended.reason, session)
}

/** Of a read: what the server does not answer may be asked again. */
export function whyUnread(error: unknown): unknown {
  if (error instanceof VaultError) return error
  const fault = faultOf(error)
  if (fault === 'other' || fault === 'moved') return error
  return new VaultError('unavailable', 'The database does not answer.', { cause: error })
}

/** Wrong user or password, no such database, no right to make tables. */
const NOT_ALLOWED = /^(28...|3D000|42501)$/

/** Of the first connection, before anything is served. */
export function whyNotOpened(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError) || !NOT_ALLOWED.test(error.code ?? '')) return whyUnread(error)
  return new VaultError(
    'config_invalid',
    `The database does not let the user of CLOAKROOM_DATABASE_URL in, or not make tables (${error.code}).`,
    { cause: error },
  )
}
