import { sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { FieldName } from '../../../vault/fields/registry.ts'
import type { Person, SealedField, Subject, WrappedDataKey } from '../../../vault/records/record.ts'
import { SLOTS_EACH, slotOf } from '../../field-slots.ts'
import { dataKeys, fields, subjects } from '../schema/index.ts'

// A person is read in one statement, fields and key together: between two, somebody could put another key in its place.

export const SUBJECT = {
  id: subjects.id,
  owner: subjects.owner,
  externalRef: subjects.externalRef,
  locale: subjects.locale,
  jurisdiction: subjects.jurisdiction,
  state: subjects.state,
  version: subjects.version,
  createdAt: subjects.createdAt,
  updatedAt: subjects.updatedAt,
  erasedAt: subjects.erasedAt,
}

export const DATA_KEY = {
  keyId: dataKeys.keyId,
  tenantKeyVersion: dataKeys.tenantKeyVersion,
  wrapped: dataKeys.wrapped,
}

export const names = alias(fields, 'name_field')
export const phones = alias(fields, 'phone_field')
export const emails = alias(fields, 'email_field')
export const addresses = alias(fields, 'address_field')
type FieldTable = typeof names | typeof phones | typeof emails | typeof addresses

export function sealed(table: FieldTable) {
  return { version: table.version, envelope: table.envelope }
}

/** For a left join: the field's row of the subject's row. */
export function ofPerson(table: FieldTable, field: FieldName) {
  return sql`${table.slot} = ${subjects.no} * ${sql.raw(String(SLOTS_EACH))} + ${sql.raw(String(slotOf(0, field)))}`
}

/** A person with the fields, each in the columns of its join. */
export const PERSON = {
  subject: SUBJECT,
  dataKey: DATA_KEY,
  name: sealed(names),
  phone: sealed(phones),
  email: sealed(emails),
  address: sealed(addresses),
}

type Joined = { version: number | null; envelope: Uint8Array | null } | null
type Joins = Partial<Record<FieldName, Joined>>

export function sealedFields(joins: Joins): SealedField[] {
  const order: readonly FieldName[] = ['name', 'phone', 'email', 'address']
  return order.flatMap((field) => {
    const row = joins[field]
    // A field that has no value joins as nothing.
    if (!row || row.version === null || row.envelope === null) return []
    return [{ field, version: row.version, envelope: row.envelope }]
  })
}

export function person({
  subject,
  dataKey,
  ...joins
}: Joins & { subject: Subject; dataKey: WrappedDataKey }): Person {
  if (subject.state === 'erased') return { subject, dataKey: null, fields: [] }
  return { subject, dataKey, fields: sealedFields(joins) }
}
