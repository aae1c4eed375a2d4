import { and, eq, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { Waybill } from '../../../core/id.ts'
import type { FieldName } from '../../../vault/fields/registry.ts'
import type { SealedField } from '../../../vault/records/record.ts'
import type { Parcel, ShipmentReads } from '../../../vault/store.ts'
import { slotOf } from '../../field-slots.ts'
import type { SqliteDatabase } from '../driver.ts'
import type { GrantNumbers, PersonNumbers } from '../row-numbers.ts'
import { dataKeys, fields, grantPayments, grants, shipments, subjects } from '../schema/index.ts'
import { given } from '../statements.ts'
import { GRANT } from './grants.ts'
import { DATA_KEY, SUBJECT } from './records.ts'
import { SHIPMENT } from './shipments.ts'
import type { TenantNumbers } from './tenants.ts'

// The one statement of a courier's scan. A statement costs as much as ten columns, and a column more than a comparison: so
// all is in one, and nothing is read twice.
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

const names = alias(fields, 'name_field')
const phones = alias(fields, 'phone_field')
const addresses = alias(fields, 'address_field')
type FieldTable = typeof names | typeof phones | typeof addresses

function sealed(table: FieldTable) {
  return { version: table.version, envelope: table.envelope }
}

function ofPerson(table: FieldTable, field: FieldName) {
  return sql`${table.slot} = ${subjects.no} * ${sql.raw(String(slotOf(1, field) - slotOf(0, field)))} + ${sql.raw(String(slotOf(0, field)))}`
}

function prepare(db: SqliteDatabase) {
  return db
    .select({
      no: subjects.no,
      grantNo: grants.no,
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
    .where(and(given(shipments.tenant), given(shipments.waybill)))
    .prepare()
}

export function parcelReads(
  db: SqliteDatabase,
  numbers: TenantNumbers,
  rows: { persons: PersonNumbers; grants: GrantNumbers },
): Pick<ShipmentReads, 'findParcels'> {
  const byWaybill = prepare(db)
  const find = (tenant: number, waybill: Waybill): Parcel | undefined => {
    const row = byWaybill.get({ tenant, waybill })
    if (!row) return undefined
    const { subject } = row
    rows.persons.remember(subject.id, row.no)
    rows.grants.remember(row.shipment.grant, row.grantNo)
    const shipment = { ...row.shipment, subject: subject.id }
    const own = { id: shipment.grant, subject: subject.id, party: shipment.courier, shipment: shipment.id }
    const grant = { ...row.grant, ...own }
    if (subject.state === 'erased') {
      return { shipment, grant, person: { subject, dataKey: null, fields: [] } }
    }
    const found: SealedField[] = []
    put(found, 'name', row.name)
    put(found, 'phone', row.phone)
    put(found, 'address', row.address)
    return { shipment, grant, person: { subject, dataKey: row.dataKey, fields: found } }
  }
  return {
    async findParcels(tenant, waybills) {
      const no = numbers.of(tenant)
      return [...new Set(waybills)]
        .map((waybill) => find(no, waybill))
        .filter((parcel) => parcel !== undefined)
    },
  }
}

/** A field that has no value joins as nothing. */
function put(found: SealedField[], field: FieldName, row: Joined | null): void {
  if (row && row.version !== null && row.envelope !== null) {
    found.push({ field, version: row.version, envelope: row.envelope })
  }
}

type Joined = { version: number | null; envelope: Uint8Array | null }
