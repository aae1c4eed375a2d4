import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { randomBytes } from '@noble/ciphers/utils.js'
import { equalBytes } from '../core/bytes.ts'
import type { Bytes } from '../core/bytes.ts'

/**
 * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), for `envelope.ts` alone. On its own it does not commit to its key:
 * one ciphertext can be built to open under two.
 */

export const AEAD_KEY_BYTES = 32
export const AEAD_NONCE_BYTES = 24
export const AEAD_TAG_BYTES = 16

/** One implementation of the cipher. Lengths are checked by whoever calls it. */
export type Aead = {
  /** @returns ciphertext ‖ tag. */
  encrypt(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associatedData: Uint8Array): Bytes
  /** @returns the plaintext. @throws Error when the tag is not that of these bytes. */
  decrypt(key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array, associatedData: Uint8Array): Bytes
}

/** Plain JavaScript: runs wherever the vault does. */
const noble: Aead = {
  encrypt: (key, nonce, plaintext, associatedData) =>
    xchacha20poly1305(key, nonce, associatedData).encrypt(plaintext),
  // The nonce is copied: a fifth slower on words that are not aligned.
  decrypt: (key, nonce, ciphertext, associatedData) =>
    xchacha20poly1305(key, nonce.slice(), associatedData).decrypt(ciphertext),
}

let aead = noble

/**
 * Puts another implementation in the place of the plain one, for the whole process.
 * @throws Error unless the two read each other's messages and refuse a changed one.
 */
export function useAead(other: Aead): void {
  const [key, nonce] = [randomBytes(AEAD_KEY_BYTES), randomBytes(AEAD_NONCE_BYTES)]
  for (const length of [0, 1, 15, 64, 65, 1000]) {
    const [message, data] = [randomBytes(length), randomBytes(length)]
    const sealed = noble.encrypt(key, nonce, message, data)
    const agree =
      equalBytes(other.encrypt(key, nonce, message, data), sealed) &&
      equalBytes(other.decrypt(key, nonce, sealed, data), message)
    if (!agree || !refuses(other, key, nonce, sealed, data)) {
      throw new Error('another implementation of the cipher gives other bytes')
    }
  }
  aead = other
}

function refuses(other: Aead, key: Bytes, nonce: Bytes, sealed: Bytes, data: Bytes): boolean {
  const changed = sealed.slice()
  changed[0] = (changed[0] ?? 0) ^ 1
  try {
    other.decrypt(key, nonce, changed, data)
    return false
  } catch {
    return true
  }
}

/** 192 random bits: 2^80 messages before two nonces meet with probability 2^-32. */
export function newNonce(): Bytes {
  return randomBytes(AEAD_NONCE_BYTES)
}

/** @returns ciphertext ‖ tag. */
export function encrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associatedData: Uint8Array,
): Bytes {
  return aead.encrypt(key, nonce, plaintext, associatedData)
}

/** @returns undefined when the tag is not that of these bytes under this key, nonce and associated data. */
export function decrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  associatedData: Uint8Array,
): Bytes | undefined {
  if (ciphertext.length < AEAD_TAG_BYTES) return undefined
  try {
    return aead.decrypt(key, nonce, ciphertext, associatedData)
  } catch {
    // The lengths were right, so the tag is the only thing left that decrypt can refuse.
    return undefined
  }
}
