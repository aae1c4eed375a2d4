import { fromBase64, toBase64 } from '../core/bytes.ts'
import type { Bytes } from '../core/bytes.ts'
import { HASH_BYTES, isHash } from './merkle.ts'

/** What the C2SP text formats have in common: numbers, hashes and lines, each with one spelling. */

/** @returns undefined for anything but an ASCII decimal without leading zeros, 0 to 2^53 − 1. */
export function parseDecimal(text: string): number | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : undefined
}

/** @returns undefined for anything but the canonical base64 of 32 bytes. */
export function parseHash(text: string): Bytes | undefined {
  const bytes = fromBase64(text)
  return bytes?.length === HASH_BYTES ? bytes : undefined
}

/** @returns undefined if any line is not a hash. */
export function parseHashes(lines: readonly string[]): Bytes[] | undefined {
  const hashes = lines.map(parseHash)
  return hashes.every((hash) => hash !== undefined) ? hashes : undefined
}

/** @throws RangeError for a number that none of the formats can carry. */
export function formatDecimal(value: number): string {
  if (!isSize(value)) throw new RangeError(`not a size or index: ${value}`)
  return String(value)
}

/** @throws RangeError for anything but 32 bytes. */
export function formatHash(hash: Uint8Array): string {
  if (!isHash(hash)) throw new RangeError('not a hash of 32 bytes')
  return toBase64(hash)
}

export function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

/** Text that UTF-8 can carry, of U+0020 and above and newlines (c2sp.org/signed-note). */
export function isPlainText(text: string): boolean {
  return text.isWellFormed() && !/[^\n\u{20}-\u{10ffff}]/u.test(text)
}

/** @returns undefined unless every line ends in a newline; of no text, no lines. */
export function linesOf(text: string): string[] | undefined {
  if (text === '') return []
  return text.endsWith('\n') ? text.slice(0, -1).split('\n') : undefined
}
