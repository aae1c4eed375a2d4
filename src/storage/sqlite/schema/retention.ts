import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { EventKind } from '../../../vault/retention/policy.ts'

/** How far the log was gone through for events of a kind: those below `next` are kept for good or gone. WITHOUT ROWID. */
export const retentionWalks = sqliteTable(
  'retention_walks',
  {
    tenant: integer('tenant').notNull(),
    kind: text('kind').$type<EventKind>().notNull(),
    next: integer('next').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.kind] })],
)
