import { MOVED_TABLES, keyOfRow } from '../../../storage/move/tables.ts'
import type { Key, MovedTable } from '../../../storage/move/tables.ts'
import { Pages } from './pages.ts'
import type { Progress, Source, Target } from './side.ts'

export type CopyOptions = {
  /** Rows a transaction at most; for tests. */
  maxRows?: number
  /** How many rows have just been written for good. */
  onRows: (rows: number) => void
}

/** Copies every row that the target does not have yet, in the order of the tables and their keys. */
export async function copyRows(
  source: Source,
  target: Target,
  from: Progress | undefined,
  options: CopyOptions,
): Promise<void> {
  const begun = MOVED_TABLES.findIndex(({ name }) => name === from?.table)
  for (const [i, table] of MOVED_TABLES.entries()) {
    if (i < begun) continue
    await copyTable(source, target, table, i === begun ? from?.after : undefined, options)
  }
}

/** The next page is read while one is written. */
async function copyTable(
  source: Source,
  target: Target,
  table: MovedTable,
  after: Key | undefined,
  { maxRows, onRows }: CopyOptions,
): Promise<void> {
  const pages = new Pages(source, table, after, maxRows)
  let rows = await pages.next()
  for (let last = rows.at(-1); last; last = rows.at(-1)) {
    const progress = { table: table.name, after: keyOfRow(table, last) }
    const [, next] = await Promise.all([target.write(table, rows, progress), pages.next()])
    onRows(rows.length)
    rows = next
  }
}
