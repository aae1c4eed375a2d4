import { bigint, customType } from 'drizzle-orm/pg-core'
import type { Bytes } from '../../core/bytes.ts'
import type { Id, IdPrefix, PartyId, Token } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { FieldName } from '../../vault/fields/registry.ts'
import type { Owner } from '../../vault/records/record.ts'
import { fieldNumber, fieldOfNumber } from '../field-slots.ts'
import { packToken, unpackToken } from '../packed-token.ts'

// Tables, columns and numbers are those of SQLite, so that a row means the same in either engine.

/** Compared by its bytes, as everything here is sorted; a database's own collation would also change under an index. */
export const text = customType<{ data: string; driverData: string }>({ dataType: () => 'text collate "C"' })

/** Every number that is stored is one that JavaScript holds exactly. */
export function number(name: string) {
  return bigint(name, { mode: 'number' })
}

/** A row's number, given out by the table; one that was undone leaves a gap. */
export function rowNumber(name: string) {
  return number(name).primaryKey().generatedByDefaultAsIdentity()
}

/** What is parsed once it is read. Nobody queries inside it. */
export const json = customType<{ data: unknown; driverData: string }>({
  dataType: () => 'text',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (stored): unknown => JSON.parse(stored),
})

/** The driver gives Buffers; the port promises plain bytes. */
function plainBytes(stored: Uint8Array): Bytes {
  return new Uint8Array(stored.buffer as ArrayBuffer, stored.byteOffset, stored.byteLength)
}

export const bytes = customType<{ data: Bytes; driverData: Uint8Array }>({
  dataType: () => 'bytea',
  toDriver: (value) => value,
  fromDriver: plainBytes,
})

export function id<const P extends IdPrefix>(name: string, _prefix: P) {
  return text(name).$type<Id<P>>()
}

export function partyId(name: string) {
  return text(name).$type<PartyId>()
}

/** Whose name space: a party's, or the platform's own. */
export function owner(name: string) {
  return text(name).$type<Owner>()
}

export const packedToken = customType<{ data: Token; driverData: Uint8Array }>({
  dataType: () => 'bytea',
  toDriver: packToken,
  fromDriver: unpackToken,
})

export function moment(name: string) {
  return number(name).$type<Instant>()
}

export const field = customType<{ data: FieldName; driverData: number }>({
  dataType: () => 'smallint',
  toDriver: fieldNumber,
  fromDriver: fieldOfNumber,
})
