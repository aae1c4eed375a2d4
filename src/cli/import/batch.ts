import type { Order } from './order.ts'
import type { Entry } from './read-orders.ts'

/** A quarter of what the service takes at once: four times as many answers to show progress by and to resume from. */
const MAX_ORDERS = 250
/** Bounds what is held while hardly an order can be taken. */
const MAX_ENTRIES = 1_000
/** Well under the service's 8 MiB a body, whatever the cells hold: a character is at most six bytes of JSON. */
const MAX_CHARS = 1024 * 1024

export type Batch = { entries: Entry[]; orders: Order[] }

function charsOf(entry: Entry): number {
  return entry.rows.reduce((sum, row) => row.cells.reduce((chars, cell) => chars + cell.length, sum), 0)
}

/** Leaves out the first `done` entries. What a batch holds depends only on the entries behind those. */
export async function* batchesOf(entries: AsyncIterable<Entry>, done: number): AsyncGenerator<Batch> {
  let batch: Batch = { entries: [], orders: [] }
  let chars = 0
  let seen = 0
  for await (const entry of entries) {
    if (seen++ < done) continue
    const more = charsOf(entry)
    const full = batch.orders.length >= MAX_ORDERS || batch.entries.length >= MAX_ENTRIES
    if (batch.entries.length > 0 && (full || chars + more > MAX_CHARS)) {
      yield batch
      batch = { entries: [], orders: [] }
      chars = 0
    }
    batch.entries.push(entry)
    if ('order' in entry) batch.orders.push(entry.order)
    chars += more
  }
  if (batch.entries.length > 0) yield batch
}
