import { boolean, pgTable, primaryKey } from 'drizzle-orm/pg-core'
import type { RotationLevel, Rotation } from '../../../vault/keys/rotation.ts'
import type { KeyKind } from '../../../vault/keys/tenant-key.ts'
import { id, moment, number, text } from '../columns.ts'

/** One row a tenant and level: the last rotation, and where it stands. */
export const rotations = pgTable(
  'rotations',
  {
    tenant: number('tenant').notNull(),
    level: text('level').$type<RotationLevel>().notNull(),
    target: text('target').notNull(),
    state: text('state').$type<Rotation['state']>().notNull(),
    steps: number('steps').notNull(),
    cursor: number('cursor').notNull(),
    again: boolean('again').notNull(),
    done: number('done').notNull(),
    total: number('total').notNull(),
    startedAt: moment('started_at').notNull(),
    finishedAt: moment('finished_at'),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.level] })],
)

export const keyDestructions = pgTable(
  'key_destructions',
  {
    tenant: number('tenant').notNull(),
    id: id('id', 'req').notNull(),
    kind: text('kind').$type<KeyKind>().notNull(),
    version: number('version').notNull(),
    askedBy: id('asked_by', 'key').notNull(),
    askedAt: moment('asked_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    approvedBy: id('approved_by', 'key'),
    approvedAt: moment('approved_at'),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.id] })],
)
