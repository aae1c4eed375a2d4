import { utf8, type Bytes } from '../core/bytes.ts'
import { parseTenantId, type Random, type TenantId } from '../core/id.ts'
import { secret, type Secret } from '../core/secret.ts'
import { sha256 } from '../core/sha256.ts'

/**
 * `ck_<tenant>_<secret><checksum>`. The prefix tells the router the tenant and a scanner what it found; the checksum
 * lets a scanner drop look-alikes without asking us. Neither proves anything: the stored hash does.
 */
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 43 × log2(62) = 256.03 bits. */
const SECRET_CHARS = 43
/** 62^6 > 2^32: room for any CRC-32. */
const CHECKSUM_CHARS = 6
/** From here up a byte would favour the first letters: 248 is the largest multiple of 62 that a byte holds. */
const REJECT_FROM = 248

/** A tenant's slug holds no `_`, so the second one ends it. 32 letters are 190 bits: the least that is taken. */
const CREDENTIAL = /^ck_([a-z0-9-]+)_([0-9A-Za-z]{32,128})$/

/** A fresh credential. Show it once and store the hash that `parseCredential` gives. */
export function newCredential(tenant: TenantId, random: Random): Secret<string> {
  const text = `ck_${tenant}_${randomBase62(SECRET_CHARS, random)}`
  return secret(text + checksum(text))
}

/**
 * Takes a credential as a caller presents it. The checksum is not required: an operator may make the first credential
 * by hand.
 *
 * @returns the tenant that it claims and the hash to look it up by, or undefined when it cannot be a credential. Plain
 *   SHA-256 is right here: at 190 bits and more there is nothing to guess, so a slow hash would only slow the service.
 */
export function parseCredential(text: string): { tenant: TenantId; hash: Bytes } | undefined {
  const tenant = parseTenantId(CREDENTIAL.exec(text)?.[1] ?? '')
  return tenant === undefined ? undefined : { tenant, hash: sha256(utf8(text)) }
}

/** Whether the last six letters are the checksum of all before: true of every credential that `newCredential` made. */
export function hasValidChecksum(text: string): boolean {
  return CREDENTIAL.test(text) && checksum(text.slice(0, -CHECKSUM_CHARS)) === text.slice(-CHECKSUM_CHARS)
}

function randomBase62(chars: number, random: Random): string {
  let text = ''
  while (text.length < chars) {
    for (const byte of random(chars - text.length)) {
      if (byte < REJECT_FROM) text += BASE62.charAt(byte % 62)
    }
  }
  return text
}

/** CRC-32 in base62, most significant digit first, padded with `0`. */
function checksum(text: string): string {
  let rest = crc32(utf8(text))
  let digits = ''
  for (let i = 0; i < CHECKSUM_CHARS; i++) {
    digits = BASE62.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}

/** CRC-32 as in ISO 3309 and zlib: reflected polynomial 0xEDB88320. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
