import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { bytes, moment } from '../columns.ts'

/** One row a tenant whose log has a checkpoint. */
export const logs = sqliteTable('logs', {
  tenant: integer('tenant').primaryKey(),
  origin: text('origin').notNull(),
  size: integer('size').notNull(),
  root: bytes('root').notNull(),
  checkpoint: text('checkpoint').notNull(),
  madeAt: moment('made_at').notNull(),
  cosignedSize: integer('cosigned_size'),
  cosignedNote: text('cosigned_note'),
})

/** Hashes of the tree, in tiles of 256. `place` holds tenant, level and index (log-place.ts). */
export const tiles = sqliteTable('tiles', {
  place: integer('place').primaryKey(),
  bytes: bytes('bytes').notNull(),
})
