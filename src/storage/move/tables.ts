import { getTableColumns, getTableName, is } from 'drizzle-orm'
import type { Column } from 'drizzle-orm'
import { PgTable, getTableConfig as postgresConfig } from 'drizzle-orm/pg-core'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { SQLiteTable, getTableConfig as sqliteConfig } from 'drizzle-orm/sqlite-core'
import { equalBytes } from '../../core/bytes.ts'
import * as postgresSchema from '../postgres/schema/index.ts'
import * as sqliteSchema from '../sqlite/schema/index.ts'

export type Engine = 'sqlite' | 'postgres'

/** A column as either engine has it: what both stand for is what the schemas' own codecs say. */
export type MovedColumn = {
  name: string
  sqlite: Column
  postgres: Column
  /** As a cast knows it. */
  postgresType: string
}

export type MovedTable = {
  name: string
  columns: readonly MovedColumn[]
  /** Which of the columns are the primary key, in its order. */
  key: readonly number[]
  /** The column whose next number PostgreSQL gives out. */
  numbered: string | undefined
}

/** The values of a row's columns, as the vault means them: the same from either engine. */
export type Row = readonly unknown[]

/** Nothing of a vault's is in them. */
const SQLITE_ALONE = new Set(['probe'])

/**
 * Every table of both schemas, side by side.
 * @throws TypeError if one has a table or column that the other lacks, or another key.
 */
export function pairTables(sqlite: object, postgres: object): readonly MovedTable[] {
  const here = tablesOf(sqlite, (table): table is SQLiteTable => is(table, SQLiteTable))
  const there = tablesOf(postgres, (table): table is PgTable => is(table, PgTable))
  for (const name of SQLITE_ALONE) here.delete(name)
  requireSame('tables', [...here.keys()], [...there.keys()])
  return [...here].map(([name, table]) => pairTable(name, table, there.get(name) as PgTable))
}

function tablesOf<T extends SQLiteTable | PgTable>(schema: object, isTable: (value: unknown) => value is T) {
  const tables = Object.values(schema).filter((value) => isTable(value))
  const named = tables.map((table) => [getTableName(table), table] as const)
  return new Map(named.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function pairTable(name: string, sqlite: SQLiteTable, postgres: PgTable): MovedTable {
  const [here, there] = [getTableColumns(sqlite), getTableColumns(postgres)]
  requireSame(`columns of ${name}`, Object.keys(here).toSorted(), Object.keys(there).toSorted())
  const columns = Object.entries(here).map(([property, column]): MovedColumn => {
    const other = there[property] as PgColumn
    requireSame(`columns of ${name}`, [column.name], [other.name])
    const [postgresType = ''] = other.getSQLType().split(' ')
    return { name: column.name, sqlite: column, postgres: other, postgresType }
  })
  const key = keyOf(sqliteConfig(sqlite))
  requireSame(`key of ${name}`, key, keyOf(postgresConfig(postgres)))
  const numbered = Object.values(there).find((column) => column.generatedIdentity !== undefined)
  return {
    name,
    columns,
    key: key.map((part) => columns.findIndex((column) => column.name === part)),
    numbered: numbered?.name,
  }
}

type Keyed = {
  columns: readonly { name: string; primary: boolean }[]
  primaryKeys: readonly { columns: readonly { name: string }[] }[]
}

function keyOf({ columns, primaryKeys }: Keyed): string[] {
  const [together] = primaryKeys
  const parts = together?.columns ?? columns.filter(({ primary }) => primary)
  return parts.map(({ name }) => name)
}

function requireSame(what: string, sqlite: readonly string[], postgres: readonly string[]): void {
  if (JSON.stringify(sqlite) === JSON.stringify(postgres)) return
  throw new TypeError(
    `the ${what} differ: SQLite has ${sqlite.join(', ')}; PostgreSQL ${postgres.join(', ')}`,
  )
}

/** In the order of their names, in which they are moved. */
export const MOVED_TABLES = pairTables(sqliteSchema, postgresSchema)

/**
 * A stored row as the vault means it.
 * @throws TypeError on what no vault has written: it would not be stored again as it was.
 */
export function decodeRow(engine: Engine, { name, columns }: MovedTable, stored: Row): Row {
  return columns.map((column, i) => {
    const value = stored[i]
    if (value === null) return null
    const meant: unknown = column[engine].mapFromDriverValue(value)
    if (isSame(column[engine].mapToDriverValue(meant), value)) return meant
    throw new TypeError(`${name}.${column.name} holds what no vault writes`)
  })
}

export function encodeRow(engine: Engine, { columns }: MovedTable, row: Row): unknown[] {
  return columns.map((column, i) => {
    const value = row[i]
    return value === null ? null : column[engine].mapToDriverValue(value)
  })
}

function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true
  return one instanceof Uint8Array && other instanceof Uint8Array && equalBytes(one, other)
}

/** What a page ends with, and the next one begins after. */
export type Key = readonly (string | number)[]

export function keyOfRow({ key }: MovedTable, row: Row): Key {
  return key.map((column) => row[column] as string | number)
}

/**
 * Reads a page in the order of the key, the same in both engines: texts are compared by their bytes.
 * @param mark how the dialect names its nth argument; the key that the page comes after, if any, then how many rows.
 */
export function pageStatement(table: MovedTable, isFirst: boolean, mark: (nth: number) => string): string {
  const columns = table.columns.map(({ name }) => quoted(name)).join(', ')
  const key = table.key.map((column) => quoted(table.columns[column]?.name ?? ''))
  const order = key.join(', ')
  const marks = key.map((_, i) => mark(i + 1)).join(', ')
  const after = isFirst ? '' : ` where (${order}) > (${marks})`
  const limit = mark(isFirst ? 1 : key.length + 1)
  return `select ${columns} from ${quoted(table.name)}${after} order by ${order} limit ${limit}`
}

export function quoted(name: string): string {
  return `"${name}"`
}
