import { sql } from 'drizzle-orm'
import { index, pgTable, uniqueIndex } from 'drizzle-orm/pg-core'
import type { EventType } from '../../../vault/audit/event.ts'
import { bytes, id, moment, number, partyId, text } from '../columns.ts'

/**
 * The log is `bytes` in the order of `place`, which holds tenant and index (log-place.ts); the other columns are for finding
 * an entry and for opening its commitment. Each index ends in the place by itself, so its entries are in the log's order.
 */
export const events = pgTable(
  'events',
  {
    place: number('place').primaryKey(),
    id: id('id', 'evt').notNull(),
    at: moment('at').notNull(),
    type: text('type').$type<EventType>().notNull(),
    /** The number of the person whom the entry's commitment is about: a quarter of what an id would take in the index. */
    person: number('person'),
    subjectSalt: bytes('subject_salt'),
    party: partyId('party'),
    bytes: bytes('bytes').notNull(),
    leafHash: bytes('leaf_hash').notNull(),
  },
  (table) => [
    uniqueIndex('events_id').on(table.id),
    index('events_person')
      .on(table.person)
      .where(sql`person is not null`),
    index('events_party')
      .on(table.party)
      .where(sql`party is not null`),
  ],
)
