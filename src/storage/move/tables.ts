import { getTableColumns, is } from 'drizzle-orm'
import type { Column } from 'drizzle-orm'
import { PgTable, getTableConfig as postgresConfig } from 'drizzle-orm/pg-core'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { getTableConfig as sqliteConfig } from 'drizzle-orm/sqlite-core'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { equalBytes } from '../../core/bytes.ts'
import * as postgresSchema from '../postgres/schema/index.ts'
import * as sqliteSchema from '../sqlite/schema/index.ts'
import { byName, keyOf, movedSqliteTables } from './shape.ts'
import type { TableShape } from './shape.ts'

export type Engine = 'sqlite' | 'postgres'

/** A column as either engine has it: what both stand for is what the schemas' own codecs say. */
export type MovedColumn = {
  name: string
  sqlite: Column
  postgres: Column
  /** As a cast knows it. */
  postgresType: string
}

export type MovedTable = Omit<TableShape, 'columns'> & {
  columns: readonly MovedColumn[]
  /** The column whose next number PostgreSQL gives out. */
  numbered: string | undefined
}

/** The values of a row's columns, as the vault means them: the same from either engine. */
export type Row = readonly unknown[]

/**
 * Every table of both schemas, side by side.
 * @throws TypeError if one has a table or column that the other lacks, or another key.
 */
export function pairTables(sqlite: object, postgres: object): readonly MovedTable[] {
  const here = new Map(movedSqliteTables(sqlite))
  const there = new Map(
    byName(Object.values(postgres).filter((value): value is PgTable => is(value, PgTable))),
  )
  requireSame('tables', [...here.keys()], [...there.keys()])
  return [...here].map(([name, table]) => pairTable(name, table, there.get(name) as PgTable))
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
