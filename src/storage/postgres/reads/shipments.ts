import { and, asc, eq } from 'drizzle-orm'
import type { RecipientTokens, Shipment } from '../../../vault/shipments/shipment.ts'
import type { ShipmentReads } from '../../../vault/store.ts'
import type { PostgresDatabase } from '../driver.ts'
import { shipmentStages, shipments, subjects } from '../schema/index.ts'
import { given } from '../statements.ts'
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
    shipment: found()
      .where(and(given(shipments.tenant), given(shipments.id)))
      .prepare('shipment'),
    ofSubject: found()
      .where(and(given(subjects.tenant), given(subjects.id)))
      .orderBy(asc(shipments.no))
      .prepare('shipments_of_subject'),
    ofOrder: found()
      .where(and(given(shipments.tenant), given(shipments.order), given(shipments.merchant)))
      .orderBy(asc(shipments.no))
      .prepare('shipments_of_order'),
    stages: db
      .select({ stage: shipmentStages.stage, at: shipmentStages.at })
      .from(shipmentStages)
      .where(and(given(shipmentStages.tenant), given(shipmentStages.shipment)))
      .orderBy(asc(shipmentStages.version))
      .prepare('stages'),
  }
}

export function shipmentReads(
  db: PostgresDatabase,
  numbers: TenantNumbers,
): Omit<ShipmentReads, 'findParcels'> {
  const statements = prepare(db)
  return {
    async findShipment(tenant, id) {
      const [row] = await statements.shipment.execute({ tenant: await numbers.of(tenant), id })
      return row && whole(row)
    },
    async listStages(tenant, id) {
      return statements.stages.execute({ tenant: await numbers.of(tenant), shipment: id })
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
