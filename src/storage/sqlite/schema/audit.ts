import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { EventType } from '../../../vault/audit/event.ts'
import { bytes, id, moment, partyId } from '../columns.ts'

/** The log is `bytes` in the order of `idx`; the other columns are for finding an entry and for opening its commitment. */
export const events = sqliteTable(
  'events',
  {
    no: integer('no').primaryKey(),
    tenant: integer('tenant').notNull(),
    idx: integer('idx').notNull(),
    id: id('id', 'evt').notNull(),
    at: moment('at').notNull(),
    type: text('type').$type<EventType>().notNull(),
    subject: id('subject', 'sub'),
    subjectSalt: bytes('subject_salt'),
    party: partyId('party'),
    bytes: bytes('bytes').notNull(),
    leafHash: bytes('leaf_hash').notNull(),
  },
  (table) => [
    uniqueIndex('events_idx').on(table.tenant, table.idx),
    uniqueIndex('events_id').on(table.tenant, table.id),
    index('events_subject')
      .on(table.tenant, table.subject, table.idx)
      .where(sql`subject is not null`),
    index('events_party')
      .on(table.tenant, table.party, table.idx)
      .where(sql`party is not null`),
  ],
)
