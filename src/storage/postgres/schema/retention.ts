import { pgTable, primaryKey } from 'drizzle-orm/pg-core'
import type { EventKind } from '../../../vault/retention/policy.ts'
import { number, text } from '../columns.ts'

/** How far the log was gone through for events of a kind: those below `next` are kept for good or gone. */
export const retentionWalks = pgTable(
  'retention_walks',
  {
    tenant: number('tenant').notNull(),
    kind: text('kind').$type<EventKind>().notNull(),
    next: number('next').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.kind] })],
)
