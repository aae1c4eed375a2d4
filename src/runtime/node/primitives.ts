import sodium from 'libsodium-wrappers'
import { hash } from 'node:crypto'
import type { Bytes } from '../../core/bytes.ts'
import { useSha256 } from '../../core/sha256.ts'
import { useAead } from '../../crypto/aead.ts'

/**
 * The platform's SHA-256, and libsodium's cipher as WebAssembly from its own authors: the same bytes as the plain ones, three and
 * five times as fast on the few dozen bytes that a field has, and nothing to compile. At the edge, which takes no WebAssembly made
 * at run time, the plain ones stay.
 */
export async function useFastPrimitives(): Promise<void> {
  await sodium.ready
  useSha256((message) => {
    const { buffer, byteOffset, length } = hash('sha256', message, 'buffer')
    return new Uint8Array(buffer, byteOffset, length)
  })
  useAead({
    encrypt: (key, nonce, plaintext, associatedData) =>
      sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, associatedData, null, nonce, key) as Bytes,
    decrypt: (key, nonce, ciphertext, associatedData) =>
      sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
        null,
        ciphertext,
        associatedData,
        nonce,
        key,
      ) as Bytes,
  })
}
