import { sha256 as noble } from '@noble/hashes/sha2.js'
import type { Bytes } from './bytes.ts'
import { equalBytes, toHex } from './bytes.ts'

/** One implementation of SHA-256 (FIPS 180-4): 32 bytes, or as many in lower-case hex. */
export type Sha256 = { bytes(message: Uint8Array): Bytes; hex(message: Uint8Array): string }

/** Plain JavaScript: runs wherever the vault does. */
let hash: Sha256 = { bytes: noble, hex: (message) => toHex(noble(message)) }

/** SHA-256, 32 bytes. Without a key, so only for what is public or what nobody can guess. */
export function sha256(message: Uint8Array): Bytes {
  return hash.bytes(message)
}

/** SHA-256 as 64 lower-case hex digits. */
export function sha256Hex(message: Uint8Array): string {
  return hash.hex(message)
}

/** Around the block of 64 bytes, of which the padding takes 9. */
const LENGTHS = [0, 1, 55, 56, 63, 64, 65, 1000]

/**
 * Puts another implementation in the place of the plain one, for the whole process.
 * @throws Error unless it gives the same.
 */
export function useSha256(other: Sha256): void {
  for (const length of LENGTHS) {
    const message = Uint8Array.from({ length }, (_, i) => i * 7 + length)
    const digest = noble(message)
    if (!equalBytes(other.bytes(message), digest) || other.hex(message) !== toHex(digest)) {
      throw new Error('another implementation of SHA-256 gives other bytes')
    }
  }
  hash = other
}
