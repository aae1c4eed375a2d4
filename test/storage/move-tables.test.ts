import { getTableColumns, is } from 'drizzle-orm'
import { boolean, pgTable } from 'drizzle-orm/pg-core'
import { SQLiteTable, integer, sqliteTable } from 'drizzle-orm/sqlite-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RowBytes, tableHead } from '../../src/storage/move/row-bytes.ts'
import { MOVED_TABLES, decodeRow, encodeRow, pairTables } from '../../src/storage/move/tables.ts'
import { number, text } from '../../src/storage/postgres/columns.ts'
import * as postgresSchema from '../../src/storage/postgres/schema/index.ts'
import * as sqliteSchema from '../../src/storage/sqlite/schema/index.ts'
import { openInside, removeFolder, tempFolder } from './opened.ts'

const folder = tempFolder()
let opened: ReturnType<typeof openInside>
beforeAll(() => {
  opened = openInside(folder)
})
afterAll(async () => {
  await opened.store.close()
  removeFolder(folder)
})

describe('the tables that a move knows', () => {
  test('are all that a database has, with all their columns and their keys', () => {
    const names = opened.client
      .prepare(
        `select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\' and name <> 'probe' order by name`,
      )
      .pluck()
      .all()
    expect(MOVED_TABLES.map(({ name }) => name)).toEqual(names)
    for (const { name, columns, key } of MOVED_TABLES) {
      const found = opened.client.pragma(`table_info(${name})`) as { name: string; pk: number }[]
      expect(columns.map((column) => column.name)).toEqual(found.map((column) => column.name))
      const parts = found.filter(({ pk }) => pk > 0).toSorted((one, other) => one.pk - other.pk)
      expect(key.map((part) => columns[part]?.name)).toEqual(parts.map((part) => part.name))
    }
  })

  test('agree in what may be missing', () => {
    for (const { name, columns } of MOVED_TABLES) {
      for (const { name: column, sqlite, postgres } of columns) {
        expect([name, column, sqlite.notNull]).toEqual([name, column, postgres.notNull])
      }
    }
  })

  test('have keys of numbers and texts, which both engines put into the same order', () => {
    for (const { columns, key } of MOVED_TABLES) {
      const types = key.map((part) => columns[part]?.postgres.getSQLType())
      for (const type of types) expect(['bigint', 'text collate "C"']).toContain(type)
    }
  })

  const one = { both: sqliteTable('both', { no: integer('no').primaryKey() }) }
  const other = { both: pgTable('both', { no: number('no').primaryKey() }) }
  test.each([
    [
      'a table that SQLite alone has',
      { ...one, more: sqliteTable('more', { no: integer('no').primaryKey() }) },
      other,
    ],
    [
      'a table that PostgreSQL alone has',
      one,
      { ...other, more: pgTable('more', { no: number('no').primaryKey() }) },
    ],
    ['a column', one, { both: pgTable('both', { no: number('no').primaryKey(), more: boolean('more') }) }],
    ['a column of another name', one, { both: pgTable('both', { no: number('number').primaryKey() }) }],
    ['another key', { both: sqliteTable('both', { no: integer('no') }) }, other],
  ])('negative control: %s is found', (_, sqlite, postgres) => {
    expect(pairTables(one, other)).toHaveLength(1)
    expect(() => pairTables(sqlite, postgres)).toThrow(TypeError)
  })

  test('negative control: a column that is taken out of a schema is found', () => {
    const { tokens, ...rest } = sqliteSchema
    expect(() => pairTables(rest, postgresSchema)).toThrow('the tables differ')
    const without = {
      ...rest,
      tokens: pgTable('tokens', { no: number('no').primaryKey(), name: text('name') }),
    }
    expect(is(tokens, SQLiteTable) && Object.keys(getTableColumns(tokens)).length).toBeGreaterThan(2)
    expect(() => pairTables(sqliteSchema, { ...postgresSchema, tokens: without.tokens })).toThrow(
      'columns of tokens',
    )
  })
})

function tableNamed(name: string) {
  return MOVED_TABLES.find((table) => table.name === name)!
}

describe('a stored row', () => {
  const asStored = {
    sqlite: [1, 'wrap', 2, 4, 'k', 'r', Buffer.of(1, 2), 5],
    postgres: [1, 'wrap', 2, 'retired', 'k', 'r', Buffer.of(1, 2), 5],
  }

  test('means the same from either engine, and is stored again as each does it', () => {
    const table = tableNamed('tenant_keys')
    const meant = decodeRow('sqlite', table, asStored.sqlite)
    expect(meant).toEqual(decodeRow('postgres', table, asStored.postgres))
    for (const engine of ['sqlite', 'postgres'] as const) {
      const again = encodeRow(engine, table, meant)
      expect(again.map((value) => (value instanceof Uint8Array ? [...value] : value))).toEqual(
        asStored[engine].map((value) => (value instanceof Uint8Array ? [...value] : value)),
      )
    }
  })

  test.each([
    ['rotations', 6, 2],
    ['tokens', 2, Buffer.of(0xfc, ...Buffer.alloc(16))],
    ['grants', 6, '{"name": "full"}'],
    ['fields', 2, 9],
  ])('of %s that no vault has written is refused', (name, column, value) => {
    const table = tableNamed(name)
    const row = table.columns.map((_, i) => (i === column ? value : null))
    expect(() => decodeRow('sqlite', table, row)).toThrow(TypeError)
  })
})

describe('the bytes that a hash is made over', () => {
  const bytesOf = (...rows: unknown[][]) => {
    const bytes = new RowBytes()
    for (const row of rows) bytes.add(row)
    return Buffer.from(bytes.take()).toString('hex')
  }

  test('are those that docs/moving.md says', () => {
    expect(Buffer.from(tableHead(tableNamed('grant_payments'))).toString()).toBe(
      'cloakroom-move/1\ngrant_payments\ngrant paid_at\n',
    )
    expect(bytesOf([null, 1, -2, 'é', Uint8Array.of(7), true, { a: 1 }])).toBe(
      [
        '0000000000',
        '01000000080000000000000001',
        '0100000008fffffffffffffffe',
        '0200000002c3a9',
        '030000000107',
        '040000000101',
        '02000000077b2261223a317d',
      ].join(''),
    )
  })

  test('differ where anything differs', () => {
    const rows = [
      [['ab', 'c']],
      [['a', 'bc']],
      [['']],
      [[null]],
      [[0]],
      [['0']],
      [[false]],
      [[Uint8Array.of(0)]],
      [[2 ** 32]],
      [[2 ** 53 - 1]],
      [[-(2 ** 53) + 1]],
    ]
    expect(new Set(rows.map((one) => bytesOf(...one))).size).toBe(rows.length)
  })

  test('hold values of any length, one after the other', () => {
    const long = Buffer.alloc(300_000, 7)
    expect(bytesOf([long, 'x'.repeat(100_000), 1])).toBe(
      bytesOf([long]) + bytesOf(['x'.repeat(100_000)]) + bytesOf([1]),
    )
  })

  test.each([0.5, 2 ** 53, Number.NaN, undefined, 5n])('are not made of %s', (value) => {
    expect(() => bytesOf([value])).toThrow(TypeError)
  })
})
