import { getTableColumns, sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Args, Touches } from './batch.ts'
import type { Statement } from './statements.ts'

const dialect = new PgDialect()

type Columns = Readonly<Record<string, PgColumn>>

/** The arguments of one step as columns of the row that it is in the statement which many share. */
export type Row<C extends Columns> = { readonly [Name in keyof C & string]: SQL }

/** How many steps share the statement. */
export const COUNT = sql`${sql.placeholder('count')}`

/** A row's place among those that share the statement, from 1. */
export const ORDINAL = sql`"given"."nth"`

/**
 * A statement over any number of rows, each the arguments of one step.
 * @param columns the arguments, each as what column it is stored in or compared with.
 * @param query given the rows' source and a row's columns.
 */
export function overRows<const C extends Columns>(
  columns: C,
  touches: Touches,
  query: (given: SQL, row: Row<C>) => SQL,
  once?: (args: Args) => string,
): Statement {
  const { source, row } = givenRows(columns)
  const { sql: text, params } = dialect.sqlToQuery(query(source, row))
  const kind = { text, params, touches, rows: { names: Object.keys(columns), ...(once && { once }) } }
  return (args) => ({ kind, args: encoded(columns, args) })
}

/** Any number of rows as arguments, an array for each column: where a statement has them from, and one row's columns. */
export function givenRows<const C extends Columns>(columns: C): { source: SQL; row: Row<C> } {
  const names = Object.keys(columns)
  const arrays = names.map(
    (name) => sql`${sql.placeholder(name)}::${sql.raw(arrayType(columns[name] as PgColumn))}`,
  )
  const labels = [...names, 'nth'].map((name) => sql.identifier(name))
  const source = sql`unnest(${sql.join(arrays, sql`, `)}) with ordinality as "given" (${sql.join(labels, sql`, `)})`
  const row = Object.fromEntries(names.map((name) => [name, sql`"given".${sql.identifier(name)}`])) as Row<C>
  return { source, row }
}

/** The arguments of `givenRows`. */
export function rowsGiven(columns: Columns, rows: readonly Args[]): Args {
  const given = rows.map((row) => encoded(columns, row))
  return Object.fromEntries(Object.keys(columns).map((name) => [name, given.map((row) => row[name])]))
}

/** `text collate "C"` is `text[]` as an array: an argument is compared as the column that it meets. */
function arrayType(column: PgColumn): string {
  return `${column.getSQLType().split(' ')[0]}[]`
}

function encoded(columns: Columns, args: Args): Args {
  const entries = Object.entries(columns).map(([name, column]) => {
    const value = args[name]
    return [name, value === null || value === undefined ? value : column.mapToDriverValue(value)]
  })
  return Object.fromEntries(entries) as Args
}

type Versioned = PgTable & { tenant: PgColumn; id: PgColumn; version: PgColumn }

/** What says that something is as it was read. */
export function versioned({ tenant, id, version }: Versioned) {
  return { tenant, id, version }
}

export function isVersion(table: Versioned, row: Row<ReturnType<typeof versioned>>): SQL {
  const { tenant, id, version } = table
  return sql`${tenant} = ${row.tenant} and ${id} = ${row.id} and ${version} = ${row.version}`
}

/** As many as there are steps must be found in `from`, else the transaction stops. */
export function mustFindEach(from: SQL): SQL {
  return sql`select cloakroom_must((count(*) = ${COUNT})::int) from ${from}`
}

/** The statement with `returning` must give as many rows as there are steps, else the transaction stops. */
export function mustGiveEach(query: SQL): SQL {
  return sql`with "found" as (${query}) select cloakroom_must((count(*) = ${COUNT})::int) from "found"`
}

/** Every row is some tenant's. */
type Owned<A extends Columns> = Row<A> & { readonly tenant: SQL }

/**
 * Inserts a row for each step, from arguments named by the row's own keys.
 * @param derived columns that follow from the arguments, among them those in `also`.
 */
export function insertEach<const A extends Columns>(
  table: PgTable,
  options: {
    also?: A
    reads?: readonly PgTable[]
    derived?: (row: Owned<A>) => Partial<Record<string, SQL>>
  } = {},
): Statement {
  const { also, reads = [], derived = () => ({}) } = options
  const touches = { adds: [table], reads }
  return overRows(givenColumns(table, also, derived), touches, (given, row) =>
    insertFrom(table, given, row, derived(row as Owned<A>)),
  )
}

/** What has to be given of a row: all but what the table numbers itself and what is derived. */
function givenColumns<A extends Columns>(
  table: PgTable,
  also: A | undefined,
  derived: (row: Owned<A>) => Partial<Record<string, SQL>>,
): Columns {
  const anyRow = new Proxy({}, { get: () => sql`` }) as Owned<A>
  const known = new Set(Object.keys(derived(anyRow)))
  const own = storedColumns(table).filter(([name]) => !known.has(name))
  return { ...(Object.fromEntries(own) as Columns), ...also }
}

function storedColumns(table: PgTable): [string, PgColumn][] {
  return (Object.entries(getTableColumns(table)) as [string, PgColumn][]).filter(
    ([, column]) => column.generatedIdentity === undefined,
  )
}

export function insertFrom(
  table: PgTable,
  given: SQL,
  row: Row<Columns>,
  derived: Partial<Record<string, SQL>>,
): SQL {
  const stored = storedColumns(table)
  const names = stored.map(([, column]) => sql.identifier(column.name))
  const values = stored.map(([name]) => derived[name] ?? row[name] ?? sql`null`)
  return sql`insert into ${table} (${sql.join(names, sql`, `)}) select ${sql.join(values, sql`, `)} from ${given}`
}
