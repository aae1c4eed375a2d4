import { and, asc, eq } from 'drizzle-orm'
import type { ShipmentId } from '../../../core/id.ts'
import type { RecipientTokens, Shipment } from '../../../vault/shipments/shipment.ts'
import type { ShipmentReads } from '../../../vault/store.ts'
import type { PostgresDatabase } from '../driver.ts'
import { shipmentStages, shipments, subjects } from '../schema/index.ts'
import type { Share } from '../shared-reads.ts'
import { among, given } from '../statements.ts'
import type { TenantNumbers } from '../tenants.ts'

export const SHIPMENT = {
  id: shipments.id,
  merchant: shipments.merchant,
  courier: shipments.courier,
  order: shipments.order,
  waybill: shipments.waybill,
  subject: subjects.id,
  grant: shipments.grant,
  tokensExpireAt: shipments.tokensExpireAt,
  tokensRetiredAt: shipments.tokensRetiredAt,
  stage: shipments.stage,
  stageAt: shipments.stageAt,
  version: shipments.version,
  createdAt: shipments.createdAt,
}

const RECIPIENT = {
  name: shipments.nameToken,
  phone: shipments.phoneToken,
  address: shipments.addressToken,
}

type ShipmentRow = { shipment: Omit<Shipment, 'recipient'>; recipient: RecipientTokens }

function whole({ shipment, recipient }: ShipmentRow): Shipment {
  return { ...shipment, recipient }
}

function prepare(db: PostgresDatabase) {
  const found = () =>
    db
      .select({ shipment: SHIPMENT, recipient: RECIPIENT })
      .from(shipments)
      .innerJoin(subjects, eq(subjects.no, shipments.person))
      .$dynamic()
  return {
    shipments: found()
      .where(and(given(shipments.tenant), among(shipments.id, 'ids')))
      .prepare('shipments'),
    ofSubject: found()
      .where(and(given(subjects.tenant), given(subjects.id)))
      .orderBy(asc(shipments.no))
      .prepare('shipments_of_subject'),
    ofOrder: found()
      .where(and(given(shipments.tenant), given(shipments.order), given(shipments.merchant)))
      .orderBy(asc(shipments.no))
      .prepare('shipments_of_order'),
    stages: db
      .select({ shipment: shipmentStages.shipment, stage: shipmentStages.stage, at: shipmentStages.at })
      .from(shipmentStages)
      .where(and(given(shipmentStages.tenant), among(shipmentStages.shipment, 'shipments')))
      .orderBy(asc(shipmentStages.version))
      .prepare('stages'),
  }
}

export function shipmentReads(
  db: PostgresDatabase,
  numbers: TenantNumbers,
  share: Share,
): Omit<ShipmentReads, 'findParcels'> {
  const statements = prepare(db)
  const shipment = share({
    read: (tenant, ids: readonly ShipmentId[]) => statements.shipments.execute({ tenant, ids }),
    ofAsk: (id) => id,
    ofRow: (row) => row.shipment.id,
  })
  const stages = share({
    read: (tenant, ids: readonly ShipmentId[]) => statements.stages.execute({ tenant, shipments: ids }),
    ofAsk: (id) => id,
    ofRow: (row) => row.shipment,
  })
  return {
    async findShipment(tenant, id) {
      const [row] = await shipment(await numbers.of(tenant), [id])
      return row && whole(row)
    },
    async listStages(tenant, id) {
      const rows = await stages(await numbers.of(tenant), [id])
      return rows.map(({ stage, at }) => ({ stage, at }))
    },
    async listShipmentsOf(tenant, subject) {
      const rows = await statements.ofSubject.execute({ tenant: await numbers.of(tenant), id: subject })
      return rows.map(whole)
    },
    async findShipmentsByOrder(tenant, merchant, order) {
      const asked = { tenant: await numbers.of(tenant), merchant, order_id: order }
      return (await statements.ofOrder.execute(asked)).map(whole)
    },
  }
}
