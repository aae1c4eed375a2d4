import sodium from 'libsodium-wrappers'
import type { Bytes } from '../../../core/bytes.ts'
import type { HkdfExpand } from '../../../crypto/kdf.ts'

/** libsodium's own C functions, as WebAssembly: addresses in its memory. */
type Sodium = {
  /** Another view whenever the memory has grown. */
  readonly HEAPU8: Bytes
  readonly _malloc: (length: number) => number
  readonly _free: (address: number) => void
  /** @returns 0 if it went well. */
  readonly _crypto_kdf_hkdf_sha256_expand: (
    out: number,
    outLength: number,
    info: number,
    infoLength: number,
    key: number,
  ) => number
}

const KEY_BYTES = 32

/** An envelope's label and two keys take a hundred bytes. What is longer gets memory of its own. */
const SCRATCH_BYTES = 256

/**
 * HKDF-Expand over a stretch of libsodium's memory that is used again for each call; key and output are overwritten before a call
 * returns. To be called once `sodium.ready` has resolved.
 */
export function sodiumHkdfExpand(): HkdfExpand {
  const lib = (sodium as unknown as { libsodium: Sodium }).libsodium
  const { _malloc: malloc, _free: free, _crypto_kdf_hkdf_sha256_expand: expandInto } = lib
  const scratch = malloc(SCRATCH_BYTES)

  return (key, info, lengthBytes) => {
    if (key.length !== KEY_BYTES) throw new RangeError('not a key of 32 bytes')
    const room = KEY_BYTES + info.length + lengthBytes
    const at = room > SCRATCH_BYTES ? malloc(room) : scratch
    const infoAt = at + KEY_BYTES
    const outAt = infoAt + info.length
    lib.HEAPU8.set(key, at)
    lib.HEAPU8.set(info, infoAt)
    const failed = expandInto(outAt, lengthBytes, infoAt, info.length, at) !== 0
    const out = lib.HEAPU8.slice(outAt, outAt + lengthBytes)
    lib.HEAPU8.fill(0, at, at + room)
    if (at !== scratch) free(at)
    if (failed) throw new RangeError('more than HKDF gives')
    return out
  }
}
