import type { Token } from '../core/id.ts'

/**
 * A token's 26 characters at five bits each, in 17 bytes: no two texts give the same bytes, so a spelling that the vault
 * does not give out finds nothing.
 */

const PREFIX = 'tok_'
const CHARS = 26
const BYTES = 17

/** Crockford's, as in core/id.ts. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const NO_DIGIT = 0xff
const DIGITS = new Uint8Array(128).fill(NO_DIGIT)
for (let digit = 0; digit < ALPHABET.length; digit++) DIGITS[ALPHABET.charCodeAt(digit)] = digit

/** @throws TypeError on text that is no token: tokens are parsed at the boundary. */
export function packToken(token: Token): Uint8Array {
  if (token.length !== PREFIX.length + CHARS) throw new TypeError('not a token')
  const bytes = new Uint8Array(BYTES)
  let buffer = 0
  // 130 bits end at a byte's edge when six stand before them.
  let bits = 6
  let offset = 0
  for (let i = PREFIX.length; i < token.length; i++) {
    const digit = DIGITS[token.charCodeAt(i)] ?? NO_DIGIT
    if (digit === NO_DIGIT) throw new TypeError('not a token')
    buffer = ((buffer & 0xff) << 5) | digit
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes[offset++] = buffer >> bits
  }
  return bytes
}

/** @throws TypeError on bytes that `packToken` did not write. */
export function unpackToken(bytes: Uint8Array): Token {
  if (bytes.length !== BYTES) throw new TypeError('not a token')
  let text = ''
  let buffer = bytes[0] ?? 0
  let bits = 2
  for (let i = 1; i < BYTES; i++) {
    buffer = ((buffer & 0x1f) << 8) | (bytes[i] ?? 0)
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[(buffer >> bits) & 31]
    }
  }
  return `${PREFIX}${text}`
}
