import { keyOfRow } from '../../../storage/move/tables.ts'
import type { Key, MovedTable, Row } from '../../../storage/move/tables.ts'
import type { Reader } from './side.ts'

/** So much of a table is in memory at a time, give or take a page whose rows are longer than those before. */
const PAGE_BYTES = 1024 * 1024
const MAX_ROWS = 10_000
const FIRST_ROWS = 100

/** The rows of a table, page by page. */
export class Pages {
  readonly #reader: Reader
  readonly #table: MovedTable
  readonly #maxRows: number
  #after: Key | undefined
  #limit: number

  /** @param after the last key that is known; undefined to begin. */
  constructor(reader: Reader, table: MovedTable, after?: Key, maxRows = MAX_ROWS) {
    this.#reader = reader
    this.#table = table
    this.#after = after
    this.#maxRows = maxRows
    this.#limit = Math.min(FIRST_ROWS, maxRows)
  }

  /** @returns no rows at the end. */
  async next(): Promise<Row[]> {
    const rows = await this.#reader.page(this.#table, this.#after, this.#limit)
    const last = rows.at(-1)
    if (!last) return rows
    this.#after = keyOfRow(this.#table, last)
    const each = rows.reduce((sum, row) => sum + lengthOf(row), 0) / rows.length
    this.#limit = Math.max(1, Math.min(this.#maxRows, Math.floor(PAGE_BYTES / each)))
    return rows
  }
}

function lengthOf(row: Row): number {
  return row.reduce<number>((sum, value) => {
    if (typeof value === 'string' || value instanceof Uint8Array) return sum + value.length
    return sum + 8
  }, 0)
}
