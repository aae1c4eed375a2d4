import { concat, utf8 } from '../../core/bytes.ts'
import type { Bytes } from '../../core/bytes.ts'
import type { TableShape } from './shape.ts'
import type { Row } from './tables.ts'

// docs/moving.md says these bytes, so that others can compute the same hash.

export const NULL = 0
export const NUMBER = 1
export const TEXT = 2
export const BYTES = 3
const TRUTH = 4

const TWO_32 = 2 ** 32
const encoder = new TextEncoder()

/** Each value has them in front: its kind, and how many bytes follow. */
export const HEAD_BYTES = 5

/** What a table's hash begins with. */
export function tableHead({ name, columns }: TableShape): Bytes {
  return utf8(`cloakroom-move/1\n${name}\n${columns.map((column) => column.name).join(' ')}\n`)
}

/**
 * Rows one after the other, each value with its kind and length in front, so that no two different tables give the same bytes.
 * @throws TypeError on a value of no kind that the vault stores, such as half a number.
 */
export class RowBytes {
  #buffer = new Uint8Array(64 * 1024)
  #used = 0

  /** How many bytes wait to be taken. */
  get length(): number {
    return this.#used
  }

  add(row: Row): void {
    for (const value of row) this.#addValue(value)
  }

  /** What was added since the last time; to be used before anything else is added. */
  take(): Uint8Array {
    const taken = this.#buffer.subarray(0, this.#used)
    this.#used = 0
    return taken
  }

  #addValue(value: unknown): void {
    if (value === null) this.#put(NULL, 0)
    else if (typeof value === 'number') this.#addNumber(value)
    else if (typeof value === 'string') this.#addText(value)
    else if (typeof value === 'boolean') this.#addBytes(TRUTH, Uint8Array.of(value ? 1 : 0))
    else if (value instanceof Uint8Array) this.#addBytes(BYTES, value)
    // What the schema keeps as JSON.
    else if (typeof value === 'object') this.#addText(JSON.stringify(value))
    else throw new TypeError(`a ${typeof value} is nothing that a vault stores`)
  }

  #addNumber(value: number): void {
    if (!Number.isSafeInteger(value)) throw new TypeError('a number that no vault stores')
    const at = this.#put(NUMBER, 8)
    putUint32(this.#buffer, at, Math.floor(value / TWO_32))
    putUint32(this.#buffer, at + 4, value)
  }

  #addText(text: string): void {
    // A UTF-16 code unit is at most three bytes of UTF-8.
    const at = this.#put(TEXT, 3 * text.length)
    const { written } = encoder.encodeInto(text, this.#buffer.subarray(at))
    putUint32(this.#buffer, at - 4, written)
    this.#used = at + written
  }

  #addBytes(kind: number, bytes: Uint8Array): void {
    const at = this.#put(kind, bytes.length)
    this.#buffer.set(bytes, at)
  }

  /** @returns where the value's own bytes begin; there is room for them. */
  #put(kind: number, length: number): number {
    const at = this.#used + HEAD_BYTES
    if (at + length > this.#buffer.length) {
      this.#buffer = concat(this.#buffer, new Uint8Array(this.#buffer.length + HEAD_BYTES + length))
    }
    this.#buffer[this.#used] = kind
    putUint32(this.#buffer, at - 4, length)
    this.#used = at + length
    return at
  }
}

/** Big-endian, and modulo 2^32: a negative number in two's complement. */
function putUint32(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 24
  into[at + 1] = value >>> 16
  into[at + 2] = value >>> 8
  into[at + 3] = value
}
