import { and, eq, getTableColumns, sql } from 'drizzle-orm'
import type { Placeholder, SQL, SQLWrapper } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Step, Touches } from './batch.ts'

const dialect = new PgDialect()

/** A statement made once, to be given its arguments many times. */
export type Statement = (args: Record<string, unknown>) => Step

export function statement(query: SQLWrapper, touches?: Touches): Statement {
  const { sql: text, params } = dialect.sqlToQuery(query.getSQL())
  const kind = { text, params, ...(touches && { touches }) }
  return (args) => ({ kind, args })
}

/**
 * A statement that must give or change a row, else the server itself stops the transaction (`cloakroom_must`, in the first
 * migration): what comes behind it need not wait for its answer.
 */
export function must(query: SQLWrapper, touches?: Touches): Statement {
  return statement(sql`with "found" as ${query} select cloakroom_must(count(*)) from "found"`, touches)
}

/** As `must`, of exactly as many rows as the argument `expected` says. */
export function mustBe(query: SQLWrapper, touches?: Touches): Statement {
  return statement(
    sql`with "found" as ${query}
      select cloakroom_must((count(*) = ${sql.placeholder('expected')})::int) from "found"`,
    touches,
  )
}

/** The value of a query of one row, without which the transaction stops. */
export function required(query: SQLWrapper): SQL<number> {
  return sql`cloakroom_must(${query})`
}

/** A value given at each execution, in the column's own encoding. */
export function arg(column: PgColumn, name = column.name): SQL {
  return sql`${sql.param(sql.placeholder(name), column)}`
}

/** `column = :column` */
export function given(column: PgColumn, name = column.name): SQL {
  return eq(column, arg(column, name))
}

/** `column = any(:name)`, for any number of values in one statement. */
export function among(column: PgColumn, name: string): SQL {
  return sql`${column} = any(${sql.placeholder(name)})`
}

/** `column between :first and :last` */
export function within(column: PgColumn): SQL {
  return sql`${column} between ${sql.placeholder('first')} and ${sql.placeholder('last')}`
}

/** All of them. */
export function all(...conditions: readonly (SQL | undefined)[]): SQL {
  return and(...conditions) ?? sql`true`
}

/** Every column of a row as an argument, named by the row's own keys. */
export function rowArgs<Table extends PgTable>(table: Table) {
  const names = Object.keys(getTableColumns(table))
  return Object.fromEntries(names.map((name) => [name, sql.placeholder(name)])) as {
    [Name in keyof Table['$inferInsert'] & string]-?: Placeholder<Name>
  }
}

/** What guarded statements return. */
export const DONE = { done: sql<number>`1`.as('done') }
