import { sql } from 'drizzle-orm'
import { index, pgTable, uniqueIndex } from 'drizzle-orm/pg-core'
import type { EventId, IncidentId, NoticeId, PartyId, ShipmentId, SubjectId } from '../../../core/id.ts'
import type { SubjectState } from '../../../vault/records/record.ts'
import { bytes, field, id, moment, number, owner, rowNumber, text } from '../columns.ts'

/** Rows are never deleted, so `no` only rises: it is the person's number in every table that points here. */
export const subjects = pgTable(
  'subjects',
  {
    no: rowNumber('no'),
    tenant: number('tenant').notNull(),
    id: id('id', 'sub').notNull(),
    owner: owner('owner').notNull(),
    externalRef: text('external_ref'),
    locale: text('locale'),
    jurisdiction: text('jurisdiction'),
    state: text('state').$type<SubjectState>().notNull(),
    version: number('version').notNull(),
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

/** One row a person, never deleted. Erasing writes zeros over `wrapped`; what that leaves behind is in decision 0019. */
export const dataKeys = pgTable('data_keys', {
  person: number('person').primaryKey(),
  tenant: number('tenant').notNull(),
  keyId: text('key_id').notNull(),
  tenantKeyVersion: number('tenant_key_version').notNull(),
  wrapped: bytes('wrapped').notNull(),
})

/** `slot` is person × 16 + field: a person's fields lie side by side. `hash` is the blind index's. */
export const fields = pgTable(
  'fields',
  {
    slot: number('slot').primaryKey(),
    tenant: number('tenant').notNull(),
    field: field('field').notNull(),
    version: number('version').notNull(),
    envelope: bytes('envelope').notNull(),
    indexKeyVersion: number('index_key_version').notNull(),
    hash: number('hash').notNull(),
  },
  (table) => [index('fields_blind_index').on(table.tenant, table.field, table.hash)],
)

export const notes = pgTable(
  'notes',
  {
    no: rowNumber('no'),
    tenant: number('tenant').notNull(),
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
