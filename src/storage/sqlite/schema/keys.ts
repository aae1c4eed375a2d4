import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { RotationLevel, Rotation } from '../../../vault/keys/rotation.ts'
import type { KeyKind } from '../../../vault/keys/tenant-key.ts'
import { id, moment } from '../columns.ts'

/** One row a tenant and level: the last rotation, and where it stands. */
export const rotations = sqliteTable(
  'rotations',
  {
    tenant: integer('tenant').notNull(),
    level: text('level').$type<RotationLevel>().notNull(),
    target: text('target').notNull(),
    state: text('state').$type<Rotation['state']>().notNull(),
    steps: integer('steps').notNull(),
    cursor: integer('cursor').notNull(),
    again: integer('again', { mode: 'boolean' }).notNull(),
    done: integer('done').notNull(),
    total: integer('total').notNull(),
    startedAt: moment('started_at').notNull(),
    finishedAt: moment('finished_at'),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.level] })],
)

export const keyDestructions = sqliteTable(
  'key_destructions',
  {
    tenant: integer('tenant').notNull(),
    id: id('id', 'req').notNull(),
    kind: text('kind').$type<KeyKind>().notNull(),
    version: integer('version').notNull(),
    askedBy: id('asked_by', 'key').notNull(),
    askedAt: moment('asked_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    approvedBy: id('approved_by', 'key'),
    approvedAt: moment('approved_at'),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.id] })],
)
