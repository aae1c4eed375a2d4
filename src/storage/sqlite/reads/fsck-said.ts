import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Noun } from '../../../vault/log/fsck/finding.ts'

/**
 * What the log said of each thing, noted while it is read. In the connection's own temporary database, which is no part of the
 * store and goes with the connection: so notes on millions of things take no memory.
 */
export const said = sqliteTable(
  'fsck_said',
  {
    tenant: integer('tenant').notNull(),
    about: text('about').$type<Noun | 'key'>().notNull(),
    id: text('id').notNull(),
    born: text('born'),
    word: text('word'),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.about, table.id] })],
)
