import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { IdempotencyRecord, RefId, RefKind } from '../../../vault/changes.ts'
import type { PaidItem } from '../../../vault/quota/quota.ts'
import { bytes, moment, owner, partyId } from '../columns.ts'

/** WITHOUT ROWID. */
export const refs = sqliteTable(
  'refs',
  {
    tenant: integer('tenant').notNull(),
    owner: owner('owner').notNull(),
    kind: text('kind').$type<RefKind>().notNull(),
    ref: text('ref').notNull(),
    id: text('id').$type<RefId>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.owner, table.kind, table.ref] }),
    uniqueIndex('refs_id').on(table.tenant, table.id),
  ],
)

/** WITHOUT ROWID. */
export const partyDays = sqliteTable(
  'party_days',
  {
    tenant: integer('tenant').notNull(),
    party: partyId('party').notNull(),
    /** UTC, `2026-11-23`. */
    day: text('day').notNull(),
    used: integer('used').notNull(),
    parcels: integer('parcels').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.party, table.day] })],
)

/** WITHOUT ROWID. */
export const paidItems = sqliteTable(
  'paid_items',
  {
    tenant: integer('tenant').notNull(),
    party: partyId('party').notNull(),
    item: text('item').$type<PaidItem>().notNull(),
    at: moment('at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.party, table.item] }),
    index('paid_items_at').on(table.tenant, table.at),
  ],
)

/** A row may be tens of kilobytes: the index over the keys is kept apart from them. */
export const idempotency = sqliteTable(
  'idempotency',
  {
    no: integer('no').primaryKey(),
    tenant: integer('tenant').notNull(),
    caller: text('caller').$type<IdempotencyRecord['caller']>().notNull(),
    key: bytes('key').notNull(),
    fingerprint: bytes('fingerprint').notNull(),
    sealedResult: bytes('sealed_result').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('idempotency_key').on(table.tenant, table.caller, table.key),
    index('idempotency_created_at').on(table.tenant, table.createdAt),
  ],
)
