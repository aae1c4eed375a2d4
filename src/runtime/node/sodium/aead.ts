import sodium from 'libsodium-wrappers'
import type { Bytes } from '../../../core/bytes.ts'
import { AEAD_KEY_BYTES, AEAD_NONCE_BYTES, AEAD_TAG_BYTES } from '../../../crypto/aead.ts'
import type { Aead } from '../../../crypto/aead.ts'

/** libsodium's own C functions, as WebAssembly: addresses in its memory, 0 for none; 64-bit lengths as low and high word. */
type Sodium = {
  /** Another view whenever the memory has grown. */
  readonly HEAPU8: Bytes
  readonly _malloc: (length: number) => number
  readonly _crypto_aead_xchacha20poly1305_ietf_encrypt: AeadFunction
  readonly _crypto_aead_xchacha20poly1305_ietf_decrypt: AeadFunction
}

/** The eleven arguments of both, `nsec` unused and 0. @returns 0 if it went well. */
type AeadFunction = (...args: number[]) => number

/** A field has some dozen bytes, its place some hundred. What is longer goes the wrapper's way. */
const MAX_INPUT_BYTES = 4 * 1024
const MAX_DATA_BYTES = 1024

const KEY_AT = 0
const NONCE_AT = KEY_AT + AEAD_KEY_BYTES
const DATA_AT = NONCE_AT + AEAD_NONCE_BYTES
const INPUT_AT = DATA_AT + MAX_DATA_BYTES
const OUTPUT_AT = INPUT_AT + MAX_INPUT_BYTES
const SCRATCH_BYTES = OUTPUT_AT + MAX_INPUT_BYTES + AEAD_TAG_BYTES

type Parts = Readonly<Record<'key' | 'nonce' | 'data' | 'input', Uint8Array>>

const wrapped: Aead = {
  encrypt: (key, nonce, plaintext, data) =>
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, data, null, nonce, key) as Bytes,
  decrypt: (key, nonce, ciphertext, data) =>
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, ciphertext, data, nonce, key) as Bytes,
}

function isLong(input: Uint8Array, data: Uint8Array): boolean {
  return input.length > MAX_INPUT_BYTES || data.length > MAX_DATA_BYTES
}

/**
 * The cipher over one stretch of libsodium's memory that is used again for each call: its JavaScript wrapper allocates five, and
 * leaves key and plaintext in them when it frees them. Here key, input and output are overwritten before a call returns; of a message
 * the last block alone stays, on libsodium's own stack, until the next call.
 * To be called once `sodium.ready` has resolved.
 */
export function sodiumAead(): Aead {
  const lib = (sodium as unknown as { libsodium: Sodium }).libsodium
  const {
    _malloc: malloc,
    _crypto_aead_xchacha20poly1305_ietf_encrypt: encryptInto,
    _crypto_aead_xchacha20poly1305_ietf_decrypt: decryptInto,
  } = lib
  const scratch = malloc(SCRATCH_BYTES)
  const at = (offset: number) => scratch + offset

  /** @throws Error when the function refuses. Puts the parts into their places, runs the function, takes its output out and wipes. */
  const call = (parts: Parts, outLength: number, run: () => number): Bytes => {
    const memory = lib.HEAPU8
    memory.set(parts.key, at(KEY_AT))
    memory.set(parts.nonce, at(NONCE_AT))
    memory.set(parts.data, at(DATA_AT))
    memory.set(parts.input, at(INPUT_AT))
    const failed = run() !== 0
    const output = lib.HEAPU8.slice(at(OUTPUT_AT), at(OUTPUT_AT) + outLength)
    lib.HEAPU8.fill(0, scratch, scratch + DATA_AT)
    lib.HEAPU8.fill(0, at(INPUT_AT), at(INPUT_AT) + parts.input.length)
    lib.HEAPU8.fill(0, at(OUTPUT_AT), at(OUTPUT_AT) + outLength)
    if (failed) throw new Error('the tag is not that of these bytes')
    return output
  }

  return {
    encrypt(key, nonce, plaintext, data) {
      if (isLong(plaintext, data)) return wrapped.encrypt(key, nonce, plaintext, data)
      const parts = { key, nonce, data, input: plaintext }
      return call(parts, plaintext.length + AEAD_TAG_BYTES, () =>
        encryptInto(
          at(OUTPUT_AT),
          0,
          at(INPUT_AT),
          plaintext.length,
          0,
          at(DATA_AT),
          data.length,
          0,
          0,
          at(NONCE_AT),
          at(KEY_AT),
        ),
      )
    },
    decrypt(key, nonce, ciphertext, data) {
      if (isLong(ciphertext, data)) return wrapped.decrypt(key, nonce, ciphertext, data)
      const parts = { key, nonce, data, input: ciphertext }
      return call(parts, ciphertext.length - AEAD_TAG_BYTES, () =>
        decryptInto(
          at(OUTPUT_AT),
          0,
          0,
          at(INPUT_AT),
          ciphertext.length,
          0,
          at(DATA_AT),
          data.length,
          0,
          at(NONCE_AT),
          at(KEY_AT),
        ),
      )
    },
  }
}
