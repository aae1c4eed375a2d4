import { expand } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Bytes } from '../core/bytes.ts'

/**
 * HKDF-Expand with SHA-256 (RFC 5869 §2.3). There is no extract step: §3.3 allows that for a key that is already
 * uniformly random, as every `SymmetricKey` is.
 *
 * @param key 32 uniformly random bytes.
 */
export function hkdfExpand(key: Uint8Array, info: Uint8Array, lengthBytes: number): Bytes {
  return expand(sha256, key, info, lengthBytes)
}

/** HMAC-SHA-256 (RFC 2104): 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Bytes {
  return hmac(sha256, key, message)
}
