import { getTableColumns, getTableName, is } from 'drizzle-orm'
import { SQLiteTable, getTableConfig } from 'drizzle-orm/sqlite-core'

/** What it takes to read a table page by page, whatever its columns mean. */
export type TableShape = {
  name: string
  columns: readonly { name: string }[]
  /** Which of the columns are the primary key, in its order. */
  key: readonly number[]
}

/** Nothing of a vault's is in them. */
const SQLITE_ALONE = new Set(['probe'])

/** In the order of their names, in which they are moved. */
export function movedSqliteTables(schema: object): readonly (readonly [string, SQLiteTable])[] {
  const tables = Object.values(schema).filter((value): value is SQLiteTable => is(value, SQLiteTable))
  return byName(tables).filter(([name]) => !SQLITE_ALONE.has(name))
}

export function byName<T extends Parameters<typeof getTableName>[0]>(tables: readonly T[]) {
  const named = tables.map((table) => [getTableName(table), table] as const)
  return named.toSorted(([one], [other]) => (one < other ? -1 : 1))
}

/** The same tables as both engines together give, without the other one's schema: a Worker of objects need not carry it. */
export function sqliteShapes(schema: object): ReadonlyMap<string, TableShape> {
  const shapes = movedSqliteTables(schema).map(([name, table]): [string, TableShape] => {
    const columns = Object.values(getTableColumns(table)).map((column) => ({ name: column.name }))
    const key = keyOf(getTableConfig(table)).map((part) =>
      columns.findIndex((column) => column.name === part),
    )
    return [name, { name, columns, key }]
  })
  return new Map(shapes)
}

type Keyed = {
  columns: readonly { name: string; primary: boolean }[]
  primaryKeys: readonly { columns: readonly { name: string }[] }[]
}

/** @param table as either engine's `getTableConfig` tells. */
export function keyOf({ columns, primaryKeys }: Keyed): string[] {
  const [together] = primaryKeys
  const parts = together?.columns ?? columns.filter(({ primary }) => primary)
  return parts.map(({ name }) => name)
}

/**
 * Reads a page in the order of the key, the same in both engines: texts are compared by their bytes.
 * @param mark how the dialect names its nth argument; the key that the page comes after, if any, then how many rows.
 */
export function pageStatement(table: TableShape, isFirst: boolean, mark: (nth: number) => string): string {
  const columns = table.columns.map(({ name }) => quoted(name)).join(', ')
  const key = table.key.map((column) => quoted(table.columns[column]?.name ?? ''))
  const order = key.join(', ')
  const marks = key.map((_, i) => mark(i + 1)).join(', ')
  const after = isFirst ? '' : ` where (${order}) > (${marks})`
  const limit = mark(isFirst ? 1 : key.length + 1)
  return `select ${columns} from ${quoted(table.name)}${after} order by ${order} limit ${limit}`
}

export function countStatement({ name }: TableShape): string {
  return `select count(*) from ${quoted(name)}`
}

export function quoted(name: string): string {
  return `"${name}"`
}
