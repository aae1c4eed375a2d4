import { integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { CanaryVerb } from '../../../vault/canaries/canary.ts'
import { id, moment } from '../columns.ts'

/** Who was made up, by the number of the person's row. Never deleted: an erased one is still nobody to be told of a leak. WITHOUT ROWID. */
export const canaries = sqliteTable(
  'canaries',
  {
    tenant: integer('tenant').notNull(),
    person: integer('person').notNull(),
    subject: id('subject', 'sub').notNull(),
    party: id('party', 'mer').notNull(),
    plantedAt: moment('planted_at').notNull(),
    retiredAt: moment('retired_at'),
    touches: integer('touches').notNull(),
    touchedAt: moment('touched_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.person] }),
    uniqueIndex('canaries_subject').on(table.tenant, table.subject),
  ],
)

/** Touches by calls whose events name nobody, until they are told of. WITHOUT ROWID. */
export const canaryTouches = sqliteTable(
  'canary_touches',
  {
    tenant: integer('tenant').notNull(),
    event: id('event', 'evt').notNull(),
    subject: id('subject', 'sub').notNull(),
    verb: text('verb').$type<CanaryVerb>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.event, table.subject] })],
)

/** Up to which event each tenant's log was gone through for canaries. */
export const canaryWalks = sqliteTable('canary_walks', {
  tenant: integer('tenant').primaryKey(),
  walked: integer('walked').notNull(),
})
