import { xchacha20 } from '@noble/ciphers/chacha.js'
import { randomBytes } from 'node:crypto'
import { concat, type Bytes } from '../../src/core/bytes.ts'

/**
 * The attack that a key commitment is for ("partitioning oracles", Len, Grubbs and Ristenpart, USENIX Security 2021):
 * one ciphertext and tag that XChaCha20-Poly1305 accepts under two keys. Poly1305 is a polynomial in r over
 * 2^130 − 5, so with both keys known one free block makes both tags agree.
 */

const P = 2n ** 130n - 5n
const BLOCK_TOP = 2n ** 128n
/** RFC 8439 §2.5: the bits of r that are always clear. */
const R_CLAMP = 0x0ffffffc0ffffffc0ffffffc0fffffffn
const BLOCK_BYTES = 16
const MAX_TRIES = 1_000

type OneTimeKey = { r: bigint; s: bigint }

/** @returns ciphertext ‖ tag: two blocks that decrypt under either key, to different plaintexts. */
export function twoKeyCiphertext(
  keys: readonly [Uint8Array, Uint8Array],
  nonce: Uint8Array,
  associatedData: Uint8Array,
): Bytes {
  const macs = [oneTimeKey(keys[0], nonce), oneTimeKey(keys[1], nonce)] as const
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const second = randomBytes(BLOCK_BYTES)
    for (let carry = -4n; carry <= 4n; carry++) {
      const first = freeBlock(macs, second, associatedData, carry)
      if (first === undefined) continue
      const ciphertext = concat(first, second)
      const [one, two] = macs.map((mac) => tag(mac, ciphertext, associatedData))
      if (one !== undefined && one === two) return concat(ciphertext, toBlock(one))
    }
  }
  throw new Error('no block found, though one try in a few should do')
}

/** Solves h1(X) + s1 = h2(X) + s2 + carry · 2^128 (mod p) for the first block X. */
function freeBlock(
  [one, two]: readonly [OneTimeKey, OneTimeKey],
  second: Uint8Array,
  associatedData: Uint8Array,
  carry: bigint,
): Bytes | undefined {
  const zero = concat(new Uint8Array(BLOCK_BYTES), second)
  const rest = polynomial(one.r, zero, associatedData) - polynomial(two.r, zero, associatedData)
  // X is followed by the second block and the lengths, and each block is multiplied once more: r cubed.
  const slope = mod(power(one.r, 3) - power(two.r, 3))
  const wanted = mod(two.s - one.s + carry * BLOCK_TOP - rest)
  const x = mod(wanted * inverse(slope))
  return x < BLOCK_TOP ? toBlock(x) : undefined
}

function tag(mac: OneTimeKey, ciphertext: Uint8Array, associatedData: Uint8Array): bigint {
  return (polynomial(mac.r, ciphertext, associatedData) + mac.s) % BLOCK_TOP
}

/** RFC 8439 §2.8: padded associated data, padded ciphertext, both lengths. */
function polynomial(r: bigint, ciphertext: Uint8Array, associatedData: Uint8Array): bigint {
  const lengths = BigInt(associatedData.length) + (BigInt(ciphertext.length) << 64n)
  const blocks = [...toIntegers(associatedData), ...toIntegers(ciphertext), lengths]
  return blocks.reduce((sum, block) => mod((sum + block + BLOCK_TOP) * r), 0n)
}

function oneTimeKey(key: Uint8Array, nonce: Uint8Array): OneTimeKey {
  const block = xchacha20(key, nonce, new Uint8Array(2 * BLOCK_BYTES))
  const [r = 0n, s = 0n] = toIntegers(block)
  return { r: r & R_CLAMP, s }
}

function toIntegers(bytes: Uint8Array): bigint[] {
  const integers: bigint[] = []
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_BYTES)
    integers.push(block.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n))
  }
  return integers
}

function toBlock(value: bigint): Bytes {
  return Uint8Array.from({ length: BLOCK_BYTES }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
}

function mod(value: bigint): bigint {
  return ((value % P) + P) % P
}

function power(base: bigint, exponent: number): bigint {
  let result = 1n
  for (let i = 0; i < exponent; i++) result = mod(result * base)
  return result
}

/** Fermat: p is prime. */
function inverse(value: bigint): bigint {
  let result = 1n
  let square = value
  for (let bits = P - 2n; bits > 0n; bits >>= 1n) {
    if (bits & 1n) result = mod(result * square)
    square = mod(square * square)
  }
  return result
}
