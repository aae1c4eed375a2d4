import { pgTable } from 'drizzle-orm/pg-core'
import { bytes, moment, number, text } from '../columns.ts'

/** One row a tenant whose log has a checkpoint. */
export const logs = pgTable('logs', {
  tenant: number('tenant').primaryKey(),
  origin: text('origin').notNull(),
  size: number('size').notNull(),
  root: bytes('root').notNull(),
  checkpoint: text('checkpoint').notNull(),
  madeAt: moment('made_at').notNull(),
  cosignedSize: number('cosigned_size'),
  cosignedNote: text('cosigned_note'),
})

/** Hashes of the tree, in tiles of 256. `place` holds tenant, level and index (log-place.ts). */
export const tiles = pgTable('tiles', {
  place: number('place').primaryKey(),
  bytes: bytes('bytes').notNull(),
})
