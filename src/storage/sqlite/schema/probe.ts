import { integer, sqliteTable } from 'drizzle-orm/sqlite-core'

/** One row, rewritten to find out whether the disk takes writes again. */
export const probe = sqliteTable('probe', {
  no: integer('no').primaryKey(),
  writes: integer('writes').notNull(),
})
