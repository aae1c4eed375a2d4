import { and, eq } from 'drizzle-orm'
import type { Waybill } from '../../../core/id.ts'
import type { Parcel, ShipmentReads } from '../../../vault/store.ts'
import type { PostgresDatabase } from '../driver.ts'
import { dataKeys, grantPayments, grants, shipments, subjects } from '../schema/index.ts'
import type { Share } from '../shared-reads.ts'
import { among, given } from '../statements.ts'
import type { TenantNumbers } from '../tenants.ts'
import { GRANT } from './grants.ts'
import { DATA_KEY, SUBJECT, addresses, names, ofPerson, phones, sealed, sealedFields } from './persons.ts'
import { SHIPMENT } from './shipments.ts'

const { subject: _person, createdAt: _made, ...PARCEL } = SHIPMENT
const {
  id: _grant,
  subject: _of,
  party: _courier,
  shipment: _parcel,
  basis: _basis,
  origin: _origin,
  ...OWN_GRANT
} = GRANT
const { id, state, version, locale } = SUBJECT
const RECIPIENT = { id, state, version, locale }

function prepare(db: PostgresDatabase) {
  return db
    .select({
      shipment: PARCEL,
      grant: OWN_GRANT,
      subject: RECIPIENT,
      dataKey: DATA_KEY,
      name: sealed(names),
      phone: sealed(phones),
      address: sealed(addresses),
    })
    .from(shipments)
    .innerJoin(subjects, eq(subjects.no, shipments.person))
    .innerJoin(grants, and(eq(grants.tenant, shipments.tenant), eq(grants.id, shipments.grant)))
    .leftJoin(grantPayments, eq(grantPayments.grant, grants.no))
    .innerJoin(dataKeys, eq(dataKeys.person, subjects.no))
    .leftJoin(names, ofPerson(names, 'name'))
    .leftJoin(phones, ofPerson(phones, 'phone'))
    .leftJoin(addresses, ofPerson(addresses, 'address'))
    .where(and(given(shipments.tenant), among(shipments.waybill, 'waybills')))
    .prepare('parcels')
}

type Row = Awaited<ReturnType<ReturnType<typeof prepare>['execute']>>[number]

function parcel(row: Row): Parcel {
  const { subject } = row
  const shipment = { ...row.shipment, subject: subject.id }
  const own = { id: shipment.grant, subject: subject.id, party: shipment.courier, shipment: shipment.id }
  const grant = { ...row.grant, ...own }
  const person =
    subject.state === 'erased'
      ? { subject, dataKey: null, fields: [] }
      : { subject, dataKey: row.dataKey, fields: sealedFields(row) }
  return { shipment, grant, person }
}

export function parcelReads(
  db: PostgresDatabase,
  numbers: TenantNumbers,
  share: Share,
): Pick<ShipmentReads, 'findParcels'> {
  const statement = prepare(db)
  const byWaybills = share({
    read: async (tenant, waybills: readonly Waybill[]) =>
      (await statement.execute({ tenant, waybills })).map(parcel),
    ofAsk: (waybill) => waybill,
    ofRow: ({ shipment }) => shipment.waybill,
  })
  return {
    async findParcels(tenant, waybills) {
      return byWaybills(await numbers.of(tenant), waybills)
    },
  }
}
