import { and, asc, eq } from 'drizzle-orm'
import type { TenantId, Waybill } from '../../../core/id.ts'
import type { RecipientTokens, Shipment } from '../../../vault/shipments/shipment.ts'
import type { Parcel, ShipmentReads } from '../../../vault/store.ts'
import type { SqliteDatabase } from '../driver.ts'
import { dataKeys, grants, shipmentStages, shipments, subjects } from '../schema/index.ts'
import { given } from '../statements.ts'
import { GRANT } from './grants.ts'
import { DATA_KEY, SUBJECT, personReader } from './records.ts'
import type { TenantNumbers } from './tenants.ts'

const SHIPMENT = {
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

// A parcel is read at every scan, so nothing is read twice: what the rows share is put back together below.
const { subject: _person, ...PARCEL } = SHIPMENT
const { id: _grant, subject: _of, party: _courier, shipment: _parcel, ...OWN_GRANT } = GRANT
const { id, state, version, locale } = SUBJECT
const RECIPIENT_SUBJECT = { id, state, version, locale }

type ShipmentRow = { shipment: Omit<Shipment, 'recipient'>; recipient: RecipientTokens }

function whole({ shipment, recipient }: ShipmentRow): Shipment {
  return { ...shipment, recipient }
}

function prepare(db: SqliteDatabase) {
  const found = () =>
    db
      .select({ shipment: SHIPMENT, recipient: RECIPIENT })
      .from(shipments)
      .innerJoin(subjects, eq(subjects.no, shipments.person))
      .$dynamic()
  return {
    shipment: found()
      .where(and(given(shipments.tenant), given(shipments.id)))
      .prepare(),
    ofSubject: found()
      .where(and(given(subjects.tenant), given(subjects.id)))
      .orderBy(asc(shipments.no))
      .prepare(),
    ofOrder: found()
      .where(and(given(shipments.tenant), given(shipments.order), given(shipments.merchant)))
      .orderBy(asc(shipments.no))
      .prepare(),
    parcel: db
      .select({
        no: subjects.no,
        shipment: PARCEL,
        grant: OWN_GRANT,
        subject: RECIPIENT_SUBJECT,
        dataKey: DATA_KEY,
      })
      .from(shipments)
      .innerJoin(subjects, eq(subjects.no, shipments.person))
      .innerJoin(grants, and(eq(grants.tenant, shipments.tenant), eq(grants.id, shipments.grant)))
      .innerJoin(dataKeys, eq(dataKeys.person, subjects.no))
      .where(and(given(shipments.tenant), given(shipments.waybill)))
      .prepare(),
    stages: db
      .select({ stage: shipmentStages.stage, at: shipmentStages.at })
      .from(shipmentStages)
      .where(and(given(shipmentStages.tenant), given(shipmentStages.shipment)))
      .orderBy(asc(shipmentStages.version))
      .prepare(),
  }
}

export function shipmentReads(db: SqliteDatabase, numbers: TenantNumbers): ShipmentReads {
  const statements = prepare(db)
  const findParcel = parcelReader(db, numbers, statements.parcel)
  return {
    async findShipment(tenant, id) {
      const row = statements.shipment.get({ tenant: numbers.of(tenant), id })
      return row && whole(row)
    },
    async findParcels(tenant, waybills) {
      return [...new Set(waybills)]
        .map((waybill) => findParcel(tenant, waybill))
        .filter((parcel) => parcel !== undefined)
    },
    async listStages(tenant, id) {
      return statements.stages.all({ tenant: numbers.of(tenant), shipment: id })
    },
    async listShipmentsOf(tenant, subject) {
      return statements.ofSubject.all({ tenant: numbers.of(tenant), id: subject }).map(whole)
    },
    async findShipmentsByOrder(tenant, merchant, order) {
      return statements.ofOrder.all({ tenant: numbers.of(tenant), merchant, order_id: order }).map(whole)
    },
  }
}

function parcelReader(
  db: SqliteDatabase,
  numbers: TenantNumbers,
  parcelRow: ReturnType<typeof prepare>['parcel'],
): (tenant: TenantId, waybill: Waybill) => Parcel | undefined {
  const complete = personReader(db)
  return (tenant, waybill) => {
    const row = parcelRow.get({ tenant: numbers.of(tenant), waybill })
    if (!row) return undefined
    const { id: shipment, grant: id, courier: party } = row.shipment
    const subject = row.subject.id
    return {
      shipment: { ...row.shipment, subject },
      grant: { ...row.grant, id, subject, party, shipment },
      person: complete(row),
    }
  }
}
