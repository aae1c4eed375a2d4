import { pgTable, primaryKey, uniqueIndex } from 'drizzle-orm/pg-core'
import type { CanaryVerb } from '../../../vault/canaries/canary.ts'
import { id, moment, number, text } from '../columns.ts'

/** Who was made up, by the number of the person's row. Never deleted: an erased one is still nobody to be told of a leak. */
export const canaries = pgTable(
  'canaries',
  {
    tenant: number('tenant').notNull(),
    person: number('person').notNull(),
    subject: id('subject', 'sub').notNull(),
    party: id('party', 'mer').notNull(),
    plantedAt: moment('planted_at').notNull(),
    retiredAt: moment('retired_at'),
    touches: number('touches').notNull(),
    touchedAt: moment('touched_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.person] }),
    uniqueIndex('canaries_subject').on(table.tenant, table.subject),
  ],
)

/** Touches by calls whose events name nobody, until they are told of. */
export const canaryTouches = pgTable(
  'canary_touches',
  {
    tenant: number('tenant').notNull(),
    event: id('event', 'evt').notNull(),
    subject: id('subject', 'sub').notNull(),
    verb: text('verb').$type<CanaryVerb>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.event, table.subject] })],
)

/** Up to which event each tenant's log was gone through for canaries. */
export const canaryWalks = pgTable('canary_walks', {
  tenant: number('tenant').primaryKey(),
  walked: number('walked').notNull(),
})
