import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { VaultError } from '../../src/core/errors.ts'
import { secret } from '../../src/core/secret.ts'
import {
  combine,
  formatShare,
  interpolate,
  invert,
  multiply,
  parseShare,
  split,
} from '../../src/crypto/shamir.ts'
import type { Share } from '../../src/crypto/shamir.ts'

const random = (length: number) => new Uint8Array(randomBytes(length))
const hex = (shares: readonly Share[]) => toHex(combine(shares).exposeSecret())

/** Every choice of `size` of these. */
function choices<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]]
  return items.flatMap((item, i) => choices(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]))
}

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof VaultError) return error.code
    throw error
  }
  return 'none'
}

/** As it is done by hand: long multiplication of polynomials over GF(2), then long division. */
function multiplyByHand(a: number, b: number): number {
  let product = 0
  for (let i = 0; i < 8; i++) if ((b >> i) % 2 === 1) product ^= a * 2 ** i
  for (let i = 15; i >= 8; i--) if (product >= 2 ** i) product ^= 0x11b * 2 ** (i - 8)
  return product
}

describe('the field', () => {
  test('multiplies as FIPS 197 says: its examples, and all 65,536 products by hand', () => {
    // FIPS 197 §4.2: {57} • {83} = {c1}; §4.2.1: {57} • {13} = {fe}.
    expect([multiply(0x57, 0x83), multiply(0x57, 0x13)]).toEqual([0xc1, 0xfe])
    for (let a = 0; a < 256; a++) {
      for (let b = 0; b < 256; b++) if (multiply(a, b) !== multiplyByHand(a, b)) expect.fail(`${a} ${b}`)
    }
  })

  test('every number but 0 has its inverse', () => {
    for (let a = 1; a < 256; a++) expect(multiply(a, invert(a))).toBe(1)
    expect(invert(0)).toBe(0)
  })
})

describe('shares', () => {
  test('every choice of as many as are needed gives the secret', () => {
    for (const [shares, threshold] of [
      [2, 2],
      [3, 2],
      [5, 3],
      [7, 5],
    ] as const) {
      const shared = secret(Uint8Array.from(random(32)))
      const parts = split(shared, { shares, threshold }, random)
      const all = choices(parts, threshold)
      expect(all.length).toBeGreaterThan(0)
      for (const chosen of all) expect(hex(chosen.toReversed())).toBe(toHex(shared.exposeSecret()))
    }
  })

  test('one fewer fits every secret: for each there is a last share that completes it', () => {
    const parts = split(secret(Uint8Array.from(random(32))), { shares: 5, threshold: 3 }, random)
    for (const known of choices(parts, 2)) {
      const missing = parts.find((part) => !known.includes(part))!
      for (let byte = 0; byte < 256; byte++) {
        const other = new Uint8Array(32).fill(byte)
        // The polynomial through the two known shares and the other secret at 0.
        const through = [...known, { ...missing, number: 0, values: secret(other) }]
        const last = { ...missing, values: secret(interpolate(through, missing.number)) }
        expect(hex([...known, last])).toBe(toHex(other))
      }
    }
  })

  test('one fewer is told so, and so is a share that stands there twice or is of another sharing', () => {
    const [a, b, c] = split(secret(Uint8Array.from(random(32))), { shares: 3, threshold: 3 }, random)
    const [other] = split(secret(Uint8Array.from(random(32))), { shares: 3, threshold: 3 }, random)
    expect(codeOf(() => combine([]))).toBe('shares_missing')
    expect(codeOf(() => combine([a!, b!]))).toBe('shares_missing')
    expect(codeOf(() => combine([a!, b!, b!]))).toBe('share_invalid')
    expect(codeOf(() => combine([a!, b!, other!]))).toBe('share_invalid')
    expect(codeOf(() => combine([a!, b!, { ...c!, threshold: 2 }]))).toBe('share_invalid')
    expect(codeOf(() => combine([a!, b!, c!]))).toBe('none')
  })

  test('a changed value gives another secret: the sharing alone does not notice', () => {
    const shared = secret(Uint8Array.from(random(32)))
    const [a, b] = split(shared, { shares: 2, threshold: 2 }, random)
    const changed = a!.values.exposeSecret().slice()
    changed[7]! ^= 1
    expect(hex([{ ...a!, values: secret(changed) }, b!])).not.toBe(toHex(shared.exposeSecret()))
  })

  test('numbers that make no sense are refused', () => {
    const shared = secret(Uint8Array.from(random(32)))
    for (const [shares, threshold] of [
      [5, 1],
      [2, 3],
      [256, 3],
      [2.5, 2],
      [3, NaN],
      [0, 0],
    ] as const) {
      expect(codeOf(() => split(shared, { shares, threshold }, random))).toBe('config_invalid')
    }
    expect(split(shared, { shares: 255, threshold: 255 }, random)).toHaveLength(255)
  })

  /** Shares of the secret 00 01 … 1f with the coefficients 20 … 3f and 40 … 5f, worked out apart from the code. */
  test('the vector gives the secret', () => {
    const number = (first: number) => Uint8Array.from({ length: 32 }, (_, i) => first + i)
    const given = [new Uint8Array(8).fill(0xa5), number(0x20), number(0x40)]
    const parts = split(secret(number(0)), { shares: 5, threshold: 3 }, () => given.shift()!)
    const byHand = (x: number) =>
      [0, 1, 31].map((i) => i ^ multiplyByHand(0x20 + i, x) ^ multiplyByHand(0x40 + i, multiplyByHand(x, x)))
    for (const { number: x, values, set } of parts) {
      expect(set).toBe('a5a5a5a5a5a5a5a5')
      expect([0, 1, 31].map((i) => values.exposeSecret()[i])).toEqual(byHand(x))
    }
    expect(hex([parts[4]!, parts[0]!, parts[2]!])).toBe(toHex(number(0)))
  })
})

describe('a share as text', () => {
  const [share] = split(secret(Uint8Array.from(random(32))), { shares: 5, threshold: 3 }, random)
  const text = formatShare(share!).exposeSecret()

  test('is read back, in capitals and with spaces too', () => {
    for (const typed of [text, text.toUpperCase(), ` ${text}\n`, text.replaceAll('-', '- ')]) {
      const read = parseShare(secret(typed))
      expect(read && { ...read, values: toHex(read.values.exposeSecret()) }).toEqual({
        ...share,
        values: toHex(share!.values.exposeSecret()),
      })
    }
  })

  test('is refused when any character is another, is missing or is too many', () => {
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === '0' ? '1' : '0'
      for (const slip of [
        `${text.slice(0, at)}${other}${text.slice(at + 1)}`,
        text.slice(0, at) + text.slice(at + 1),
        `${text.slice(0, at)}0${text.slice(at)}`,
      ]) {
        expect(parseShare(secret(slip)), slip).toBeUndefined()
      }
    }
  })

  test('whatever else is typed is no share', () => {
    fc.assert(fc.property(fc.string(), (typed) => parseShare(secret(typed)) === undefined))
  })

  test('does not print', () => {
    expect(`${formatShare(share!).toString()} ${JSON.stringify(share)}`).not.toContain(
      toHex(share!.values.exposeSecret()),
    )
  })
})
