import { index, pgTable, primaryKey, uniqueIndex } from 'drizzle-orm/pg-core'
import type { IdempotencyRecord, RefId, RefKind } from '../../../vault/changes.ts'
import type { PaidItem } from '../../../vault/quota/quota.ts'
import { bytes, moment, number, owner, partyId, rowNumber, text } from '../columns.ts'

export const refs = pgTable(
  'refs',
  {
    tenant: number('tenant').notNull(),
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

export const partyDays = pgTable(
  'party_days',
  {
    tenant: number('tenant').notNull(),
    party: partyId('party').notNull(),
    /** UTC, `2026-11-23`. */
    day: text('day').notNull(),
    used: number('used').notNull(),
    parcels: number('parcels').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.party, table.day] })],
)

export const paidItems = pgTable(
  'paid_items',
  {
    tenant: number('tenant').notNull(),
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
export const idempotency = pgTable(
  'idempotency',
  {
    no: rowNumber('no'),
    tenant: number('tenant').notNull(),
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
