import type { Instant } from './time.ts'

/** A cryptographically secure source: `length` fresh bytes a call. */
export type Random = (length: number) => Uint8Array

/** Which kinds of thing carry an id, by prefix. A handle and a credential never share one. */
export type IdPrefix =
  | 'mer' | 'cou' | 'sub' | 'key' | 'tok' | 'shp' | 'wb' | 'grt' | 'evt' | 'ord' | 'opr' | 'dev' | 'ses' | 'req' | 'inc' | 'ntc' | 'sig' | 'hld' // prettier-ignore

export type Id<P extends IdPrefix> = `${P}_${string}`

export type MerchantId = Id<'mer'>
export type CourierId = Id<'cou'>
export type PartyId = MerchantId | CourierId
export type SubjectId = Id<'sub'>
export type CredentialId = Id<'key'>
export type Token = Id<'tok'>
export type ShipmentId = Id<'shp'>
export type Waybill = Id<'wb'>
export type GrantId = Id<'grt'>
export type EventId = Id<'evt'>
export type OrderId = Id<'ord'>
export type OperatorId = Id<'opr'>
export type DeviceId = Id<'dev'>
export type SessionId = Id<'ses'>
export type IncidentId = Id<'inc'>
export type NoticeId = Id<'ntc'>
export type SignalId = Id<'sig'>
export type HoldId = Id<'hld'>

/** A tenant is named by its slug: it stands in credentials and in the log's public path. */
export type TenantId = string & { readonly __brand: 'TenantId' }

const TENANT = /^[a-z][a-z0-9-]{0,39}$/

/** @returns undefined unless the text is 1–40 of `a-z 0-9 -` that starts with a letter. */
export function parseTenantId(text: string): TenantId | undefined {
  return TENANT.test(text) ? (text as TenantId) : undefined
}

/** Crockford's alphabet, lower case: no i, l, o, u. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const ID_BYTES = 16
const ID_CHARS = 26
const TIME_BYTES = 6

function base32(bytes: Uint8Array): string {
  let text = ''
  let buffer = 0
  let bits = 0
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[(buffer >> bits) & 31]
    }
    buffer &= (1 << bits) - 1
  }
  return bits > 0 ? text + ALPHABET[(buffer << (5 - bits)) & 31] : text
}

/** 128 random bits: for tokens, waybills and whatever must say nothing, not even when it was made. */
export function opaqueId<P extends IdPrefix>(prefix: P, random: Random): Id<P> {
  return `${prefix}_${base32(random(ID_BYTES))}`
}

/** 48 bits of time, then 80 random bits: rows that come together lie together on disk. */
export function timedId<P extends IdPrefix>(prefix: P, random: Random, now: Instant): Id<P> {
  const bytes = new Uint8Array(ID_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, Math.floor(now / 2 ** 32))
  view.setUint32(2, now % 2 ** 32)
  bytes.set(random(ID_BYTES - TIME_BYTES), TIME_BYTES)
  return `${prefix}_${base32(bytes)}`
}

const ID_BODY = new RegExp(`^[${ALPHABET}]{${ID_CHARS}}$`)

/** @returns undefined unless the text is an id of this kind in the one spelling that the vault gives out. */
export function parseId<P extends IdPrefix>(prefix: P, text: string): Id<P> | undefined {
  if (!text.startsWith(`${prefix}_`) || !ID_BODY.test(text.slice(prefix.length + 1))) return undefined
  return text as Id<P>
}

export function parsePartyId(text: string): PartyId | undefined {
  return parseId('mer', text) ?? parseId('cou', text)
}
