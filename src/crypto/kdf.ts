import { expand } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { equalBytes } from '../core/bytes.ts'
import type { Bytes } from '../core/bytes.ts'

/** One implementation of HKDF-Expand with SHA-256 (RFC 5869 §2.3). @returns `lengthBytes` bytes, at most 8,160. */
export type HkdfExpand = (key: Uint8Array, info: Uint8Array, lengthBytes: number) => Bytes

/** Plain JavaScript: runs wherever the vault does. */
const noble: HkdfExpand = (key, info, lengthBytes) => expand(sha256, key, info, lengthBytes)

let expandKey = noble

/**
 * HKDF-Expand with SHA-256 (RFC 5869 §2.3). There is no extract step: §3.3 allows that for a key that is already
 * uniformly random, as every `SymmetricKey` is.
 *
 * @param key 32 uniformly random bytes.
 */
export function hkdfExpand(key: Uint8Array, info: Uint8Array, lengthBytes: number): Bytes {
  return expandKey(key, info, lengthBytes)
}

/** Around the block of 32 bytes that one round gives, and around the 64 that SHA-256 takes at once. */
const LENGTHS = [1, 31, 32, 33, 64, 65, 200]

/**
 * Puts another implementation in the place of the plain one, for the whole process.
 * @throws Error unless it gives the same bytes.
 */
export function useHkdfExpand(other: HkdfExpand): void {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i * 7)
  for (const length of LENGTHS) {
    const info = Uint8Array.from({ length: 2 * length }, (_, i) => i * 11)
    if (!equalBytes(other(key, info, length), noble(key, info, length))) {
      throw new Error('another implementation of HKDF gives other bytes')
    }
  }
  expandKey = other
}

/** HMAC-SHA-256 (RFC 2104): 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Bytes {
  return hmac(sha256, key, message)
}
