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

/** What a server knows a session of its own by: its process, and when that began, as text that the server reads again. */
export type LostSession = { pid: number; started: string }

/** What became of a transaction whose connection was lost. `undone`: it does not stand and never will. */
export type Settled = 'stands' | 'undone' | 'unknown'

/** What the adapter needs of a driver: node-postgres gives it on Node and on Workers. */
export type PostgresDriver = LonelyDriver | SharedDriver

/** Where a connection is one request's own: no list shares a transaction with another request's. */
type LonelyDriver = AnyDriver & { readonly alone: true }

export type SharedDriver = AnyDriver & {
  readonly alone?: undefined
  /**
   * The lists one after the other in one transaction behind `head`, sent at once as by `transact`; one that the server refuses is
   * undone by itself, and those behind it see nothing of it.
   * @returns for each list why it does not stand, or may not; undefined for one that does, durably. One that was refused has its
   *   own reason and stands in no case; where the connection was lost the others are `unknown`.
   * @throws TransactionError if nothing was begun.
   */
  transactEach(
    head: readonly Bound[],
    lists: readonly (readonly Bound[])[],
  ): Promise<readonly (TransactionError | undefined)[]>
}

type AnyDriver = {
  /** For reads, each of which is one statement and sees what was committed before it. */
  readonly db: PostgresDatabase
  /**
   * All statements in one transaction, sent at once, with its commit behind them: nothing waits for this process in between.
   * Durable once resolved. @throws TransactionError
   */
  transact(statements: readonly Bound[]): Promise<void>
  /**
   * Whether a transaction stands whose connection was lost: ends that session where it still is, and has `look` tell, a transaction
   * that fails as `moved` unless the lost one stands. `unknown` where no server that writes was found in some seconds.
   */
  settle(session: LostSession, look: readonly Bound[]): Promise<Settled>
  close(): Promise<void>
}

/** Why a transaction did not stand, or may not have. */
export class TransactionError extends Error {
  override readonly name = 'TransactionError'
  readonly fault: Fault
  /** Where it was sent. */
  readonly session: LostSession | undefined

  constructor(fault: Fault, cause: unknown, session?: LostSession) {
    super(`the transaction failed: ${fault}`, { cause })
    this.fault = fault
    this.session = session
  }
}
