import { concat, fromUtf8 } from '../../core/bytes.ts'
import type { Bytes } from '../../core/bytes.ts'
import { BYTES, HEAD_BYTES, NULL, NUMBER, RowBytes, TEXT } from './row-bytes.ts'
import type { Row } from './tables.ts'

// docs/moving.md says these bytes: how many rows there are (4 bytes, big-endian), and then the rows as their hash takes them, with
// the values as SQLite stores them.

const COUNT_BYTES = 4

/** As much of a table as one answer holds, and the row with which it passes this: at most 2 MB more, as an object stores it. */
export const MAX_PAGE_BYTES = 1024 * 1024

/**
 * Takes rows until the page is full.
 * @param rows as SQLite stores them; those that are not taken are not asked for.
 * @returns none taken is the end of the table.
 * @throws TypeError on a value of no kind that the vault stores, such as a number beyond 2^53.
 */
export function encodePage(rows: Iterable<Row>): Bytes {
  const bytes = new RowBytes()
  let count = 0
  for (const row of rows) {
    bytes.add(row)
    count += 1
    if (bytes.length >= MAX_PAGE_BYTES) break
  }
  const head = new Uint8Array(COUNT_BYTES)
  new DataView(head.buffer).setUint32(0, count)
  return concat(head, bytes.take())
}

/**
 * @param width how many columns the table has.
 * @returns the very rows that were encoded.
 * @throws TypeError on anything but a whole page.
 */
export function decodePage(page: Uint8Array, width: number): unknown[][] {
  const reading = new Reading(page)
  const rows = Array.from({ length: reading.count }, () =>
    Array.from({ length: width }, () => reading.value()),
  )
  reading.end()
  return rows
}

class Reading {
  readonly #page: Uint8Array
  readonly #view: DataView
  readonly count: number
  #at = COUNT_BYTES

  constructor(page: Uint8Array) {
    if (page.length < COUNT_BYTES) throw cutShort()
    this.#page = page
    this.#view = new DataView(page.buffer, page.byteOffset, page.byteLength)
    this.count = this.#view.getUint32(0)
    // Each row takes at least the head of one value: a count alone must not ask for memory.
    if (this.count * HEAD_BYTES > page.length) throw cutShort()
  }

  value(): unknown {
    if (this.#at + HEAD_BYTES > this.#page.length) throw cutShort()
    const [kind, length] = [this.#view.getUint8(this.#at), this.#view.getUint32(this.#at + 1)]
    const from = this.#at + HEAD_BYTES
    this.#at = from + length
    if (this.#at > this.#page.length) throw cutShort()
    const bytes = this.#page.subarray(from, this.#at)
    if (kind === BYTES) return bytes
    if (kind === TEXT) return fromUtf8(bytes)
    if (kind === NULL && length === 0) return null
    if (kind === NUMBER && length === 8) return this.#numberAt(from)
    throw new TypeError('a page holds a value of no kind')
  }

  end(): void {
    if (this.#at !== this.#page.length) throw new TypeError('a page is longer than its rows')
  }

  #numberAt(at: number): number {
    const value = Number(this.#view.getBigInt64(at))
    if (!Number.isSafeInteger(value)) throw new TypeError('a number that no vault stores')
    return value
  }
}

function cutShort(): TypeError {
  return new TypeError('a page is cut short')
}
