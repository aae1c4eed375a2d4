import { sql } from 'drizzle-orm'
import { index, pgTable, primaryKey, uniqueIndex } from 'drizzle-orm/pg-core'
import { SETTLED_STAGES } from '../../../vault/retention/policy.ts'
import type { Stage } from '../../../vault/shipments/shipment.ts'
import { id, moment, number, rowNumber, text } from '../columns.ts'

/** Whose journey is over and whose recipient's tokens are there still. A query says it in the same words, to be given the index. */
export const SETTLED = sql.raw(
  `stage in (${SETTLED_STAGES.map((stage) => `'${stage}'`).join(', ')}) and name_token <> ''`,
)

export const shipments = pgTable(
  'shipments',
  {
    no: rowNumber('no'),
    tenant: number('tenant').notNull(),
    id: id('id', 'shp').notNull(),
    merchant: id('merchant', 'mer').notNull(),
    courier: id('courier', 'cou').notNull(),
    order: id('order_id', 'ord').notNull(),
    waybill: id('waybill', 'wb').notNull(),
    person: number('person').notNull(),
    grant: id('grant_id', 'grt').notNull(),
    nameToken: id('name_token', 'tok').notNull(),
    phoneToken: id('phone_token', 'tok').notNull(),
    addressToken: id('address_token', 'tok').notNull(),
    tokensExpireAt: moment('tokens_expire_at'),
    tokensRetiredAt: moment('tokens_retired_at'),
    stage: text('stage').$type<Stage>().notNull(),
    stageAt: moment('stage_at').notNull(),
    version: number('version').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('shipments_id').on(table.tenant, table.id),
    uniqueIndex('shipments_waybill').on(table.tenant, table.waybill),
    index('shipments_person').on(table.person),
    index('shipments_order').on(table.tenant, table.order),
    index('shipments_settled').on(table.tenant, table.stageAt).where(SETTLED),
  ],
)

/** `version` is the shipment's after the move. */
export const shipmentStages = pgTable(
  'shipment_stages',
  {
    tenant: number('tenant').notNull(),
    shipment: id('shipment', 'shp').notNull(),
    version: number('version').notNull(),
    stage: text('stage').$type<Stage>().notNull(),
    at: moment('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.shipment, table.version] })],
)
