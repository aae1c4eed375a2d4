import type { Random } from '../../core/id.ts'

/** Web Cryptography API §10.1.1: more is refused. */
const MAX_BYTES_A_CALL = 65_536

/** The platform's generator. */
export const random: Random = (length) => {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += MAX_BYTES_A_CALL) {
    crypto.getRandomValues(bytes.subarray(at, at + MAX_BYTES_A_CALL))
  }
  return bytes
}
