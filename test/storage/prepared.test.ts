import Database from 'better-sqlite3'
import { eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { customType, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { describe, expect, test } from 'vitest'
import { compilePrepared } from '../../src/runtime/prepared.ts'

/** Stored backwards, so that a missing encoder or decoder shows. */
const backwards = customType<{ data: string; driverData: string }>({
  dataType: () => 'text',
  toDriver: (value) => value.split('').toReversed().join(''),
  fromDriver: (value) => value.split('').toReversed().join(''),
})
const shops = sqliteTable('shops', {
  id: integer('id').primaryKey(),
  name: backwards('name').notNull(),
  note: text('note'),
})
const orders = sqliteTable('orders', {
  id: integer('id').primaryKey(),
  shop: integer('shop'),
  ref: backwards('ref').notNull(),
  meta: text('meta', { mode: 'json' }),
})

function open(compiled: boolean) {
  const client = new Database(':memory:')
  client.exec('create table shops (id integer primary key, name text, note text)')
  client.exec('create table orders (id integer primary key, shop integer, ref text, meta text)')
  const db = drizzle(client)
  if (compiled) compilePrepared(db)
  db.insert(shops).values({ id: 1, name: 'teapots', note: null }).run()
  const add = db
    .insert(orders)
    .values({
      id: sql.placeholder('id'),
      shop: sql.placeholder('shop'),
      ref: sql.placeholder('ref'),
      meta: sql.placeholder('meta'),
    })
    .prepare()
  const changes = [
    add.run({ id: 1, shop: 1, ref: 'SO-1', meta: { a: [1] } }),
    add.run({ id: 2, shop: null, ref: 'SO-2', meta: null }),
  ].map((result) => result.changes)
  return { client, db, changes }
}

type Opened = ReturnType<typeof open>

const QUERIES: Record<string, (opened: Opened) => unknown> = {
  'rows written': ({ changes }) => changes,
  'what is stored': ({ client }) => client.prepare('select * from orders').all(),
  'a row by an encoded argument': ({ db }) =>
    db
      .select()
      .from(orders)
      .where(eq(orders.ref, sql.placeholder('ref')))
      .prepare()
      .get({ ref: 'SO-1' }),
  'no row': ({ db }) =>
    db
      .select()
      .from(orders)
      .where(eq(orders.id, sql.placeholder('id')))
      .prepare()
      .get({ id: 9 }),
  'rows of a left join, one side missing': ({ db }) =>
    db
      .select({ order: orders, shop: shops })
      .from(orders)
      .leftJoin(shops, eq(shops.id, orders.shop))
      .prepare()
      .all(),
  'rows of an inner join with a column that is null': ({ db }) =>
    db
      .select({ id: orders.id, shop: { note: shops.note } })
      .from(orders)
      .innerJoin(shops, eq(shops.id, orders.shop))
      .prepare()
      .all(),
  'an expression with its own decoder': ({ db }) =>
    db
      .select({ n: sql<string>`count(*)`.mapWith(String), raw: sql`1` })
      .from(orders)
      .prepare()
      .get(),
  'what an update returns': ({ db }) =>
    db
      .update(orders)
      .set({ shop: 1 })
      .where(eq(orders.id, sql.placeholder('id')))
      .returning({ ref: orders.ref })
      .prepare()
      .all({ id: 2 }),
}

describe('compiled statements give what drizzle gives', () => {
  test.each(Object.entries(QUERIES))('%s', (_, query) => {
    expect(query(open(true))).toEqual(query(open(false)))
  })

  test('negative control: without its decoders the rows differ', () => {
    const { client, db } = open(true)
    const decoded = db.select().from(orders).prepare().all()
    expect(client.prepare('select * from orders').all()).not.toEqual(decoded)
  })

  test('an argument that was not given is an error, not a null', () => {
    const { db } = open(true)
    const byId = db
      .select()
      .from(orders)
      .where(eq(orders.id, sql.placeholder('id')))
      .prepare()
    expect(() => byId.get({})).toThrow('no value for the placeholder "id"')
  })
})
