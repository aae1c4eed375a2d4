import sodium from 'libsodium-wrappers'
import { hash } from 'node:crypto'
import type { Bytes } from '../../core/bytes.ts'
import { useSha256 } from '../../core/sha256.ts'
import { useAead } from '../../crypto/aead.ts'
import { useHkdfExpand } from '../../crypto/kdf.ts'
import { HASH_BYTES } from '../../tlog/merkle.ts'
import { sodiumAead } from './sodium/aead.ts'
import { sodiumHkdfExpand } from './sodium/hkdf.ts'

/**
 * The platform's SHA-256, and libsodium's cipher and HKDF as WebAssembly from its own authors: the same bytes as the plain ones, two to
 * five times as fast on the few dozen bytes that a field has, and nothing to compile. At the edge, which takes no WebAssembly made
 * at run time, the plain ones stay.
 */
export async function useFastPrimitives(): Promise<void> {
  await sodium.ready
  useSha256({ bytes: sha256, hex: (message) => hash('sha256', message, 'hex') })
  useAead(sodiumAead())
  useHkdfExpand(sodiumHkdfExpand())
}

/** By way of a text of 32 characters: making a Buffer takes longer than hashing some dozen bytes. */
function sha256(message: Uint8Array): Bytes {
  const digest = hash('sha256', message, 'binary')
  const bytes = new Uint8Array(HASH_BYTES)
  for (let i = 0; i < HASH_BYTES; i++) bytes[i] = digest.charCodeAt(i)
  return bytes
}
