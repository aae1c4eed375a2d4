import { fromUtf8, utf8 } from '../../core/bytes.ts'
import { VaultError } from '../../core/errors.ts'
import type { SubjectId, TenantId } from '../../core/id.ts'
import { blindIndex } from '../../crypto/blind-index.ts'
import { open, seal } from '../../crypto/envelope.ts'
import type { SymmetricKey } from '../../crypto/envelope.ts'
import { fieldPlace } from '../../crypto/place.ts'
import type { Change } from '../changes.ts'
import type { FieldValue } from '../fields/field-type.ts'
import { FIELDS } from '../fields/registry.ts'
import type { FieldName } from '../fields/registry.ts'
import { openDataKey } from '../keys/keyring.ts'
import type { TenantKeys } from '../keys/keyring.ts'
import type { Recipient, SealedField } from './record.ts'

/** A person's values while a request works on them. Never kept longer. */
export type OpenValues = ReadonlyMap<FieldName, FieldValue>

type At = { tenant: TenantId; subject: SubjectId }

/** @throws VaultError `envelope_invalid` */
export function openField(key: SymmetricKey, at: At, sealed: SealedField): FieldValue {
  const bytes = open(
    key,
    sealed.envelope,
    fieldPlace({ ...at, field: sealed.field, version: sealed.version }),
  )
  return JSON.parse(fromUtf8(bytes)) as FieldValue
}

/** @throws VaultError `key_destroyed` for an erased person: there is nothing left that could open anything. */
export function personKey(keys: TenantKeys, tenant: TenantId, person: Recipient): SymmetricKey {
  if (!person.dataKey) throw new VaultError('key_destroyed', 'This person was erased.')
  return openDataKey(keys, { tenant, subject: person.subject.id }, person.dataKey)
}

/** Opens the named fields of a person, or all; a field without a value is left out. */
export function openPerson(
  key: SymmetricKey,
  tenant: TenantId,
  person: Recipient,
  fields?: readonly FieldName[],
): OpenValues {
  const at = { tenant, subject: person.subject.id }
  const values = new Map<FieldName, FieldValue>()
  for (const sealed of person.fields) {
    if (!fields || fields.includes(sealed.field)) values.set(sealed.field, openField(key, at, sealed))
  }
  return values
}

/** The text that two equal values share: for comparing in memory and, keyed, for the index. */
export function indexTerm(field: FieldName, value: FieldValue): string {
  return FIELDS[field].indexTerm(value as never)
}

/** Seals one value into its place and keys its index row. */
export function putField(
  keys: TenantKeys,
  key: SymmetricKey,
  at: At,
  put: { field: FieldName; version: number; value: FieldValue },
): Change {
  const place = fieldPlace({ ...at, field: put.field, version: put.version })
  const { version: keyVersion, key: indexKey } = keys.index.primary
  return {
    type: 'field.put',
    subject: at.subject,
    field: put.field,
    version: put.version,
    envelope: seal(key, utf8(JSON.stringify(put.value)), place),
    index: { keyVersion, hash: blindIndex(indexKey, put.field, indexTerm(put.field, put.value)) },
  }
}
