import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { Purpose } from '../../../core/purpose.ts'
import type { Basis, Grant } from '../../../vault/grants/grant.ts'
import { fieldViews, id, moment, partyId } from '../columns.ts'

export const grants = sqliteTable(
  'grants',
  {
    no: integer('no').primaryKey(),
    tenant: integer('tenant').notNull(),
    id: id('id', 'grt').notNull(),
    person: integer('person').notNull(),
    party: partyId('party').notNull(),
    purpose: text('purpose').$type<Purpose>().notNull(),
    fields: fieldViews('fields').notNull(),
    basis: text('basis').$type<Basis>().notNull(),
    origin: text('origin').$type<Grant['origin']>().notNull(),
    shipment: id('shipment', 'shp'),
    from: moment('valid_from').notNull(),
    until: moment('valid_until'),
    usesMax: integer('uses_max'),
    uses: integer('uses').notNull(),
    revokedAt: moment('revoked_at'),
    version: integer('version').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [uniqueIndex('grants_id').on(table.tenant, table.id), index('grants_person').on(table.person)],
)

/** What changes at each look, apart from what hardly ever does: a page holds the payments of hundreds of grants. */
export const grantPayments = sqliteTable('grant_payments', {
  grant: integer('grant').primaryKey(),
  paidAt: moment('paid_at').notNull(),
})
