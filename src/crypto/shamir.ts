import { fromHex, toHex, utf8, type Bytes } from '../core/bytes.ts'
import { VaultError } from '../core/errors.ts'
import type { Random } from '../core/id.ts'
import { secret, type Secret } from '../core/secret.ts'
import { sha256 } from '../core/sha256.ts'

/**
 * Shamir's sharing of a 256-bit secret over GF(2^8) with the polynomial x^8 + x^4 + x^3 + x + 1: each byte is the value at 0
 * of a random polynomial of degree `threshold - 1`, and share number n holds the values at n. Fewer than `threshold` shares
 * say nothing at all about the secret. The sharing itself does not tell a wrong share from a right one: whoever uses the
 * secret must notice that it is not the one, as a wrapped key does.
 */

export const SHARED_SECRET_BYTES = 32
/** One share is no sharing, and the numbers 1–255 are the points of the field but for 0, where the secret is. */
export const MIN_THRESHOLD = 2
export const MAX_SHARES = 255

const SET_ID_BYTES = 8
const CHECKSUM_BYTES = 4
const POLYNOMIAL = 0x11b

/** One holder's part. All but `values` may be shown. */
export type Share = {
  /** 16 lower-case hex digits, random: which sharing it is a part of. */
  set: string
  threshold: number
  /** 1–255. */
  number: number
  /** SHARED_SECRET_BYTES bytes. */
  values: Secret<Bytes>
}

/**
 * The carry-less product, reduced. No branch and no table: how long it takes, and what it touches, are the same for all
 * values. @param a,b 0–255.
 */
export function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = 0; bit < 8; bit++) product ^= -((b >> bit) & 1) & (a << bit)
  for (let bit = 14; bit >= 8; bit--) product ^= -((product >> bit) & 1) & (POLYNOMIAL << (bit - 8))
  return product
}

/** a^254, which is 1/a, and 0 for 0. */
export function invert(a: number): number {
  let power = a
  let result = 1
  for (let step = 0; step < 7; step++) {
    power = multiply(power, power)
    result = multiply(result, power)
  }
  return result
}

/**
 * Shares a secret so that any `threshold` of the shares give it back.
 * @param shared SHARED_SECRET_BYTES bytes.
 * @throws VaultError `config_invalid` unless 2 ≤ threshold ≤ shares ≤ 255.
 */
export function split(
  shared: Secret<Bytes>,
  { shares, threshold }: { shares: number; threshold: number },
  random: Random,
): readonly Share[] {
  const countable = Number.isInteger(shares) && Number.isInteger(threshold)
  if (!countable || threshold < MIN_THRESHOLD || shares < threshold || shares > MAX_SHARES) {
    throw new VaultError(
      'config_invalid',
      `A key is split into at most ${MAX_SHARES} shares, of which at least ${MIN_THRESHOLD} and at most all open it.`,
    )
  }
  const bytes = shared.exposeSecret()
  if (bytes.length !== SHARED_SECRET_BYTES) throw new TypeError('not the length of a shared secret')
  const set = toHex(random(SET_ID_BYTES))
  const coefficients = Array.from({ length: threshold - 1 }, () => random(SHARED_SECRET_BYTES))
  return Array.from({ length: shares }, (_, i) => {
    const number = i + 1
    return { set, threshold, number, values: secret(valuesAt(number, [bytes, ...coefficients])) }
  })
}

/** Horner's scheme for each byte. @param coefficients of x^0, x^1 … */
function valuesAt(x: number, coefficients: readonly Uint8Array[]): Bytes {
  const values = new Uint8Array(SHARED_SECRET_BYTES)
  for (const coefficient of coefficients.toReversed()) {
    for (let i = 0; i < values.length; i++) {
      values[i] = multiply(values[i] ?? 0, x) ^ (coefficient[i] ?? 0)
    }
  }
  return values
}

/**
 * The secret that these shares hold, if they are right: that has to be checked by using it.
 * @throws VaultError `shares_missing` for fewer than the threshold; `share_invalid` if they are not of one sharing or one
 *   stands there twice.
 */
export function combine(shares: readonly Share[]): Secret<Bytes> {
  const [first] = shares
  if (!first || shares.length < first.threshold) {
    throw new VaultError('shares_missing', 'There are too few shares.')
  }
  const ofOneSharing = shares.every(
    ({ set, threshold }) => set === first.set && threshold === first.threshold,
  )
  if (!ofOneSharing) throw new VaultError('share_invalid', 'These shares do not belong together.')
  const used = shares.slice(0, first.threshold)
  return secret(interpolate(used, 0))
}

/**
 * The values at x of the polynomials that run through these shares.
 * @throws VaultError `share_invalid` if two have one number.
 */
export function interpolate(shares: readonly Share[], x: number): Bytes {
  if (new Set(shares.map(({ number }) => number)).size !== shares.length) {
    throw new VaultError('share_invalid', 'One share stands there twice.')
  }
  const values = new Uint8Array(SHARED_SECRET_BYTES)
  for (const share of shares) {
    let weight = 1
    for (const { number } of shares) {
      if (number !== share.number)
        weight = multiply(weight, multiply(x ^ number, invert(share.number ^ number)))
    }
    const own = share.values.exposeSecret()
    for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) ^ multiply(own[i] ?? 0, weight)
  }
  return values
}

/** `cks1-<set>-<threshold>-<number>-<values>-<checksum>` in lower-case hex and decimal (docs/keys.md). */
export function formatShare({ set, threshold, number, values }: Share): Secret<string> {
  const body = `cks1-${set}-${threshold}-${number}-${toHex(values.exposeSecret())}`
  return secret(`${body}-${checksumOf(body)}`)
}

const SHARE = /^(cks1-([0-9a-f]{16})-([1-9][0-9]{0,2})-([1-9][0-9]{0,2})-([0-9a-f]{64}))-([0-9a-f]{8})$/

/**
 * Takes what a person typed or pasted: white space and capitals do not matter.
 * @returns undefined for what is no share of this version, or was changed: the checksum finds slips, not forgeries.
 */
export function parseShare(text: Secret<string>): Share | undefined {
  const match = SHARE.exec(text.exposeSecret().replaceAll(/\s/g, '').toLowerCase())
  if (!match) return undefined
  const [, body = '', set = '', k = '', n = '', hex = '', checksum] = match
  const [threshold, number, values] = [Number(k), Number(n), fromHex(hex)]
  if (checksum !== checksumOf(body) || !values) return undefined
  if (threshold < MIN_THRESHOLD || threshold > MAX_SHARES || number > MAX_SHARES) return undefined
  return { set, threshold, number, values: secret(values) }
}

/** 32 bits over 256 random ones: it gives nothing of the share away that helps to guess it. */
function checksumOf(body: string): string {
  return toHex(sha256(utf8(body)).subarray(0, CHECKSUM_BYTES))
}
