import type { Reading } from './order.ts'
import { shopify } from './shopify.ts'
import { taobao } from './taobao.ts'

/** The text of a cell of the row at hand, by its column's name. */
export type Cell = (column: string) => string

/** How one kind of shop writes its orders. */
export type Format = {
  name: string
  /** A label of the Encoding Standard. A byte order mark in the file has the last word. */
  encoding: 'utf-8' | 'gb18030'
  /** What the file has to have; other columns may stand between. */
  columns: readonly string[]
  /** Rows that follow each other with the same order number are one order, and the first of them says all. */
  ordersContinue: boolean
  orderRef(cell: Cell): string
  read(cell: Cell): Reading
}

export const FORMATS: ReadonlyMap<string, Format> = new Map([
  ['shopify', shopify],
  ['taobao', taobao],
])
