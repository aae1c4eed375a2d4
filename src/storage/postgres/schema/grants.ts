import { index, pgTable, uniqueIndex } from 'drizzle-orm/pg-core'
import type { Purpose } from '../../../core/purpose.ts'
import type { Basis, FieldViews, Grant } from '../../../vault/grants/grant.ts'
import { id, json, moment, number, partyId, rowNumber, text } from '../columns.ts'

export const grants = pgTable(
  'grants',
  {
    no: rowNumber('no'),
    tenant: number('tenant').notNull(),
    id: id('id', 'grt').notNull(),
    person: number('person').notNull(),
    party: partyId('party').notNull(),
    purpose: text('purpose').$type<Purpose>().notNull(),
    fields: json('fields').$type<FieldViews>().notNull(),
    basis: text('basis').$type<Basis>().notNull(),
    origin: text('origin').$type<Grant['origin']>().notNull(),
    shipment: id('shipment', 'shp'),
    from: moment('valid_from').notNull(),
    until: moment('valid_until'),
    usesMax: number('uses_max'),
    uses: number('uses').notNull(),
    revokedAt: moment('revoked_at'),
    version: number('version').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [uniqueIndex('grants_id').on(table.tenant, table.id), index('grants_person').on(table.person)],
)

/** What changes at each look, apart from what hardly ever does: a page holds the payments of hundreds of grants. */
export const grantPayments = pgTable('grant_payments', {
  grant: number('grant').primaryKey(),
  paidAt: moment('paid_at').notNull(),
})
