import { concat, toHex, utf8, withLengthPrefixed, type Bytes } from '../core/bytes.ts'
import { VaultError } from '../core/errors.ts'
import type { Random } from '../core/id.ts'
import { secret, type Secret } from '../core/secret.ts'
import { AEAD_KEY_BYTES, AEAD_NONCE_BYTES, AEAD_TAG_BYTES, decrypt, encrypt, newNonce } from './aead.ts'
import { hkdfExpand } from './kdf.ts'
import type { Place } from './place.ts'

/**
 * Envelope v1 (docs/formats.md):
 *
 *     version(1) ‖ suite(1) ‖ key id(8) ‖ nonce(24) ‖ key commitment(32) ‖ ciphertext ‖ tag(16)
 *
 * The encryption key and the commitment are both HKDF of the long-lived key; the nonce is long enough to be random. The
 * associated data is the length-prefixed list of header and place.
 */
const VERSION = 1
/** HKDF-SHA-256, then XChaCha20-Poly1305. */
const SUITE = 1
const LABEL = utf8('cloakroom/envelope')

const KEY_ID_BYTES = 8
const HEADER_BYTES = 2 + KEY_ID_BYTES
const COMMITMENT_BYTES = 32
const COMMITMENT_AT = HEADER_BYTES + AEAD_NONCE_BYTES
const CIPHERTEXT_AT = COMMITMENT_AT + COMMITMENT_BYTES

export const KEY_BYTES = 32
/** An envelope is this much longer than its plaintext: 82 bytes. */
export const ENVELOPE_OVERHEAD_BYTES = CIPHERTEXT_AT + AEAD_TAG_BYTES
/** A wrapped key has this length, 114 bytes, always: erasure overwrites it in place with as many zeros. */
export const WRAPPED_KEY_BYTES = ENVELOPE_OVERHEAD_BYTES + KEY_BYTES

/** 16 lower-case hex digits, random: it names a key and says nothing about it. */
export type KeyId = string

const DERIVED = Symbol('derived')

/** A 256-bit key, uniformly random. */
export type SymmetricKey = {
  readonly id: KeyId
  readonly material: Secret<Bytes>
  /** What it was used for last: kept as long as the key itself, as a person's fields are sealed under one key. */
  [DERIVED]?: Secret<Derived>
}

const KEY_ID = /^[0-9a-f]{16}$/

export function parseKeyId(text: string): KeyId | undefined {
  return KEY_ID.test(text) ? text : undefined
}

export function newKey(random: Random): SymmetricKey {
  return { id: toHex(random(KEY_ID_BYTES)), material: secret(Uint8Array.from(random(KEY_BYTES))) }
}

/** @returns an envelope that opens with the same key, in the same place, and nowhere else. */
export function seal(key: SymmetricKey, plaintext: Uint8Array, place: Place): Bytes {
  return insecureSealWithNonce(key, plaintext, place, newNonce())
}

/** @throws VaultError `envelope_invalid` whatever is wrong: the bytes, the key or the place. `detail` says which. */
export function open(key: SymmetricKey, envelope: Uint8Array, place: Place): Bytes {
  return openIn(key, envelope, place)
}

/** Seals a key so that it opens in its place and under its own id only. @returns WRAPPED_KEY_BYTES bytes. */
export function wrapKey(wrapping: SymmetricKey, key: SymmetricKey, place: Place): Bytes {
  return insecureSealWithNonce(wrapping, key.material.exposeSecret(), [...place, key.id], newNonce())
}

/**
 * @param id the id of the key inside, as stored beside the envelope.
 * @throws VaultError `envelope_invalid`
 */
export function unwrapKey(
  wrapping: SymmetricKey,
  envelope: Uint8Array,
  id: KeyId,
  place: Place,
): SymmetricKey {
  if (envelope.length !== WRAPPED_KEY_BYTES) throw invalid('not the length of a wrapped key')
  return { id, material: secret(openIn(wrapping, envelope, [...place, id])) }
}

/**
 * Which key an envelope names. Nothing is authenticated yet: use it to find the key, and for no decision.
 *
 * @throws VaultError `envelope_invalid` for a version, suite or length that is not known.
 */
export function keyIdOf(envelope: Uint8Array): KeyId {
  requireKnownShape(envelope)
  return toHex(envelope.subarray(2, HEADER_BYTES))
}

function requireKnownShape(envelope: Uint8Array): void {
  if (envelope.length < ENVELOPE_OVERHEAD_BYTES) throw invalid('shorter than an empty envelope')
  if (envelope[0] !== VERSION) throw invalid('unknown version')
  if (envelope[1] !== SUITE) throw invalid('unknown suite')
}

/**
 * For test vectors only: two messages under one key and nonce lose both their secrecy and their authenticity.
 * A test holds that nothing outside this file calls it.
 */
export function insecureSealWithNonce(
  key: SymmetricKey,
  plaintext: Uint8Array,
  context: readonly string[],
  nonce: Uint8Array,
): Bytes {
  const { header, encryptionKey, commitment } = derivedFrom(key)
  const ciphertext = withLengthPrefixed([header, ...context], (associatedData) =>
    encrypt(encryptionKey, nonce, plaintext, associatedData),
  )
  return concat(header, nonce, commitment, ciphertext)
}

function openIn(key: SymmetricKey, envelope: Uint8Array, context: readonly string[]): Bytes {
  requireKnownShape(envelope)
  if (!namesKey(envelope, key.id)) throw invalid('sealed under another key id')
  const { header, encryptionKey, commitment } = derivedFrom(key)
  if (!hasAt(envelope, COMMITMENT_AT, commitment)) throw invalid('key commitment differs')
  const nonce = envelope.subarray(HEADER_BYTES, COMMITMENT_AT)
  const plaintext = withLengthPrefixed([header, ...context], (associatedData) =>
    decrypt(encryptionKey, nonce, envelope.subarray(CIPHERTEXT_AT), associatedData),
  )
  if (plaintext === undefined) throw invalid('tag differs: changed bytes or another place')
  return plaintext
}

const HEX_DIGITS = utf8('0123456789abcdef')

/** As `keyIdOf(envelope) === id`, without a string for each of the four ciphertexts that a reveal opens. */
function namesKey(envelope: Uint8Array, id: KeyId): boolean {
  for (let i = 0; i < KEY_ID_BYTES; i++) {
    const byte = envelope[2 + i] ?? 0
    if (HEX_DIGITS[byte >> 4] !== id.charCodeAt(2 * i)) return false
    if (HEX_DIGITS[byte & 15] !== id.charCodeAt(2 * i + 1)) return false
  }
  return true
}

/** Takes the same time wherever the first difference lies. */
function hasAt(bytes: Uint8Array, offset: number, part: Bytes): boolean {
  let difference = 0
  for (let i = 0; i < part.length; i++) difference |= (bytes[offset + i] ?? 0) ^ (part[i] ?? 0)
  return difference === 0
}

type Derived = { header: Bytes; encryptionKey: Bytes; commitment: Bytes }

/** The commitment is a PRF output under the long-lived key: two keys with one commitment are a SHA-256 collision. */
function derivedFrom(key: SymmetricKey): Derived {
  const known = key[DERIVED]
  if (known) return known.exposeSecret()
  const info = concat(LABEL, Uint8Array.of(VERSION, SUITE))
  const bytes = hkdfExpand(key.material.exposeSecret(), info, AEAD_KEY_BYTES + COMMITMENT_BYTES)
  const fresh = {
    header: headerFor(key.id),
    encryptionKey: bytes.slice(0, AEAD_KEY_BYTES),
    commitment: bytes.slice(AEAD_KEY_BYTES),
  }
  key[DERIVED] = secret(fresh)
  return fresh
}

function headerFor(id: KeyId): Bytes {
  if (!KEY_ID.test(id)) throw invalid('malformed key id')
  const header = new Uint8Array(HEADER_BYTES)
  header[0] = VERSION
  header[1] = SUITE
  for (let i = 0; i < KEY_ID_BYTES; i++) header[2 + i] = Number.parseInt(id.slice(2 * i, 2 * i + 2), 16)
  return header
}

/** One public sentence for every failure: the caller learns nothing from which check refused. */
function invalid(detail: string): VaultError {
  return new VaultError('envelope_invalid', 'This ciphertext cannot be opened.', { detail })
}
