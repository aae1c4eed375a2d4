import { eq, sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import { getTableColumns } from 'drizzle-orm'
import type { Placeholder } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'

// SQLite runs in the process: a prepared statement for each row costs what a row of a long IN list costs, and never
// comes near the engine's limit of bound parameters. So the statements here take one row each and are made once.

/** Durable Object SQLite: at most 100 bound parameters a statement. Each one here stays below it, on Node too. */
export const MAX_BOUND_PARAMS = 100

/**
 * A value given at each execution, in the column's own encoding. The plus does nothing but hide it from the planner:
 * SQLite built with STAT4 plans a statement anew for each new value that it could compare with an indexed column, which
 * takes ten times as long as running it (https://www.sqlite.org/c3ref/prepare.html).
 */
export function arg(column: SQLiteColumn, name = column.name): SQL {
  return sql`+${sql.param(sql.placeholder(name), column)}`
}

/** `column between :first and :last`, hidden from the planner likewise. */
export function within(column: SQLiteColumn): SQL {
  return sql`${column} between +${sql.placeholder('first')} and +${sql.placeholder('last')}`
}

/** `column = :column` */
export function given(column: SQLiteColumn, name = column.name): SQL {
  return eq(column, arg(column, name))
}

/** Every column of a row as an argument, named by the row's own keys. */
export function rowArgs<Table extends SQLiteTable>(table: Table) {
  const names = Object.keys(getTableColumns(table))
  return Object.fromEntries(names.map((name) => [name, sql.placeholder(name)])) as {
    [Name in keyof Table['$inferInsert'] & string]-?: Placeholder<Name>
  }
}

/** What guarded statements return: a row if they did it, none if the guard did not hold. */
export const DONE = { done: sql<number>`1` }
