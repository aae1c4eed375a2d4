import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'

export type PostgresDatabase = PgDatabase<PgQueryResultHKT>

/** One statement with its arguments. */
export type Bound = { text: string; values: readonly unknown[] }

/**
 * What an exception means. `moved`: a guard did not hold, a key is taken, or another transaction was in the way (deadlock,
 * serialization failure); nothing was done. `unwritable`: nothing was done and at the moment nothing can be (read-only, full,
 * too many connections, no server). `unknown`: the connection was lost, so that nobody here knows what was done. `other`:
 * anything else, a mistake of ours among it; nothing was done.
 */
export type Fault = 'moved' | 'unwritable' | 'unknown' | 'other'

/** What the adapter needs of a driver: node-postgres gives it on Node and on Workers. */
export type PostgresDriver = {
  /** For reads, each of which is one statement and sees what was committed before it. */
  readonly db: PostgresDatabase
  /**
   * All statements in one transaction, sent at once, with its commit behind them: nothing waits for this process in between.
   * Durable once resolved. @throws TransactionError
   */
  transact(statements: readonly Bound[]): Promise<void>
  /** Where a connection is one request's own: no list shares a transaction with another request's. */
  readonly alone?: true
  close(): Promise<void>
}

/** Why a transaction did not stand, or may not have. */
export class TransactionError extends Error {
  override readonly name = 'TransactionError'
  readonly fault: Fault

  constructor(fault: Fault, cause: unknown) {
    super(`the transaction failed: ${fault}`, { cause })
    this.fault = fault
  }
}
