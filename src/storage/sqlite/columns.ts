import { customType, integer, text } from 'drizzle-orm/sqlite-core'
import type { Bytes } from '../../core/bytes.ts'
import type { Id, IdPrefix, PartyId, Token } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { FieldName } from '../../vault/fields/registry.ts'
import type { FieldViews } from '../../vault/grants/grant.ts'
import type { Owner } from '../../vault/records/record.ts'
import { fieldNumber, fieldOfNumber } from '../field-slots.ts'
import { packToken, unpackToken } from '../packed-token.ts'

/** Node's driver gives Buffers and a Durable Object's ArrayBuffers: both become what the port promises. */
function plainBytes(stored: Uint8Array | ArrayBuffer): Bytes {
  if (stored instanceof ArrayBuffer) return new Uint8Array(stored)
  return new Uint8Array(stored.buffer as ArrayBuffer, stored.byteOffset, stored.byteLength)
}

export const bytes = customType<{ data: Bytes; driverData: Uint8Array | ArrayBuffer }>({
  dataType: () => 'blob',
  toDriver: (value) => value,
  fromDriver: plainBytes,
})

/** Ids are stored as they are written: a string costs the driver a tenth of what a blob does. */
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

/** In the one tree that is large and read at random, so that twice as many fit into memory. */
export const packedToken = customType<{ data: Token; driverData: Uint8Array | ArrayBuffer }>({
  dataType: () => 'blob',
  toDriver: packToken,
  fromDriver: (stored) => unpackToken(plainBytes(stored)),
})

/** The few lists of views that a tenant's grants have, by their text: thousands of grants say the same. */
const knownViews = new Map<string, FieldViews>()
const MAX_KNOWN_VIEWS = 1_000

export const fieldViews = customType<{ data: FieldViews; driverData: string }>({
  dataType: () => 'text',
  toDriver: (views) => JSON.stringify(views),
  fromDriver: (stored) => {
    const known = knownViews.get(stored)
    if (known) return known
    if (knownViews.size >= MAX_KNOWN_VIEWS) knownViews.clear()
    const views = Object.freeze(JSON.parse(stored) as FieldViews)
    knownViews.set(stored, views)
    return views
  },
})

export function moment(name: string) {
  return integer(name).$type<Instant>()
}

export const field = customType<{ data: FieldName; driverData: number }>({
  dataType: () => 'integer',
  toDriver: fieldNumber,
  fromDriver: fieldOfNumber,
})
