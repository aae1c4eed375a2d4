import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { EventId, IncidentId, NoticeId, PartyId, ShipmentId, SubjectId } from '../../../core/id.ts'
import type { SubjectState } from '../../../vault/records/record.ts'
import { bytes, field, id, moment, owner } from '../columns.ts'
import { keyVersion } from '../fixed-width.ts'

/** Rows are never deleted, so `no` only rises: it is the person's number in every table that points here. */
export const subjects = sqliteTable(
  'subjects',
  {
    no: integer('no').primaryKey(),
    tenant: integer('tenant').notNull(),
    id: id('id', 'sub').notNull(),
    owner: owner('owner').notNull(),
    externalRef: text('external_ref'),
    locale: text('locale'),
    jurisdiction: text('jurisdiction'),
    state: text('state').$type<SubjectState>().notNull(),
    version: integer('version').notNull(),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
    erasedAt: moment('erased_at'),
  },
  (table) => [
    uniqueIndex('subjects_id').on(table.tenant, table.id),
    uniqueIndex('subjects_external_ref')
      .on(table.tenant, table.owner, table.externalRef)
      .where(sql`external_ref is not null`),
  ],
)

/**
 * One row a person, inserted in the order of their numbers and never deleted or moved. Erasing writes zeros of the same
 * length over `wrapped`, which SQLite does inside the cell: no page ever held a second copy of it.
 */
export const dataKeys = sqliteTable('data_keys', {
  person: integer('person').primaryKey(),
  tenant: integer('tenant').notNull(),
  keyId: text('key_id').notNull(),
  tenantKeyVersion: keyVersion('tenant_key_version').notNull(),
  wrapped: bytes('wrapped').notNull(),
})

/** `slot` is person × 16 + field: a person's fields lie side by side. `hash` is the blind index's. */
export const fields = sqliteTable(
  'fields',
  {
    slot: integer('slot').primaryKey(),
    tenant: integer('tenant').notNull(),
    field: field('field').notNull(),
    version: integer('version').notNull(),
    envelope: bytes('envelope').notNull(),
    indexKeyVersion: integer('index_key_version').notNull(),
    hash: integer('hash').notNull(),
  },
  (table) => [index('fields_blind_index').on(table.tenant, table.field, table.hash)],
)

export const notes = sqliteTable(
  'notes',
  {
    no: integer('no').primaryKey(),
    tenant: integer('tenant').notNull(),
    about: text('about')
      .$type<SubjectId | PartyId | ShipmentId | EventId | IncidentId | NoticeId>()
      .notNull(),
    subject: id('subject', 'sub'),
    sealed: bytes('sealed').notNull(),
    at: moment('at').notNull(),
  },
  (table) => [
    index('notes_subject').on(table.tenant, table.subject),
    index('notes_about').on(table.tenant, table.about),
  ],
)
