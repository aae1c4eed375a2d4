import { sql } from 'drizzle-orm'
import { index, pgTable, uniqueIndex } from 'drizzle-orm/pg-core'
import type { Linkability } from '../../../vault/tokens/token.ts'
import { field, moment, number, packedToken, partyId, rowNumber, text } from '../columns.ts'

/** Rows lie in the order of issue; only the narrow index over the random tokens is written all over the place. */
export const tokens = pgTable(
  'tokens',
  {
    no: rowNumber('no'),
    tenant: number('tenant').notNull(),
    token: packedToken('token').notNull(),
    party: partyId('party').notNull(),
    person: number('person').notNull(),
    field: field('field').notNull(),
    linkability: text('linkability').$type<Linkability>().notNull(),
    /** Null for `order`, whose window is the token itself: nulls never collide in a unique index. */
    window: text('window'),
    issuedAt: moment('issued_at').notNull(),
    expiresAt: moment('expires_at'),
    retiredAt: moment('retired_at'),
  },
  (table) => [
    uniqueIndex('tokens_token').on(table.tenant, table.token),
    uniqueIndex('tokens_live')
      .on(table.person, table.party, table.field, table.window)
      .where(sql`retired_at is null`),
    index('tokens_expires_at')
      .on(table.tenant, table.expiresAt)
      .where(sql`expires_at is not null`),
    index('tokens_retired_at')
      .on(table.tenant, table.retiredAt)
      .where(sql`retired_at is not null`),
  ],
)
