import { lengthPrefixed, toHex, type Bytes } from '../core/bytes.ts'
import type { SymmetricKey } from './envelope.ts'
import { hmacSha256 } from './kdf.ts'

/**
 * The number under which a value can be looked up without being stored: the first 32 bits of HMAC-SHA-256 under the
 * tenant's index key, as an unsigned integer.
 *
 * Truncated on purpose. Who reads the table learns which rows may hold equal values, and at 2^32 buckets even that is
 * not certain: past some tens of thousands of persons, unequal values share numbers. So a hit is a candidate: open it and
 * compare before answering.
 *
 * @param field part of the input, so that equal values in two fields give unrelated numbers.
 * @param term the normalized value, as the field type's `indexTerm` gives it.
 */
export function blindIndex(indexKey: SymmetricKey, field: string, term: string): number {
  const digest = hmacSha256(indexKey.material.exposeSecret(), lengthPrefixed('blind-index', field, term))
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0)
}

/**
 * What stands for a caller's own name of a person: 128 bits of HMAC-SHA-256, in hex. Whoever lacks the key cannot tell whether a
 * name is among them; not truncated further, as two names must not meet.
 *
 * @param owner whose name it is: equal names of two owners give unrelated values.
 */
export function keyedRef(refKey: SymmetricKey, owner: string, ref: string): string {
  const digest = hmacSha256(refKey.material.exposeSecret(), lengthPrefixed('external-ref', owner, ref))
  return toHex(digest.subarray(0, 16))
}

/** 32 bytes that say whether two lists are equal, and to whoever lacks the key nothing else: for request fingerprints. */
export function fingerprint(key: SymmetricKey, ...parts: readonly (string | Uint8Array)[]): Bytes {
  return hmacSha256(key.material.exposeSecret(), lengthPrefixed('fingerprint', ...parts))
}
