import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { randomBytes } from '@noble/ciphers/utils.js'
import type { Bytes } from '../core/bytes.ts'

/**
 * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), for `envelope.ts` alone. On its own it does not commit to its key:
 * one ciphertext can be built to open under two.
 */

export const AEAD_KEY_BYTES = 32
export const AEAD_NONCE_BYTES = 24
export const AEAD_TAG_BYTES = 16

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
  return xchacha20poly1305(key, nonce, associatedData).encrypt(plaintext)
}

/** @returns undefined when the tag is not that of these bytes under this key, nonce and associated data. */
export function decrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  associatedData: Uint8Array,
): Bytes | undefined {
  if (ciphertext.length < AEAD_TAG_BYTES) return undefined
  const cipher = xchacha20poly1305(key, nonce, associatedData)
  try {
    return cipher.decrypt(ciphertext)
  } catch {
    // The lengths were right, so the tag is the only thing left that decrypt can refuse.
    return undefined
  }
}
