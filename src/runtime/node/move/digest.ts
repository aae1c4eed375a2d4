import { createHash } from 'node:crypto'
import { RowBytes, tableHead } from '../../../storage/move/row-bytes.ts'
import type { MovedTable, Row } from '../../../storage/move/tables.ts'
import { Pages } from './pages.ts'
import type { Reader } from './side.ts'
import { decoded, tableNamed } from './side.ts'
import { MOVED_TABLES } from '../../../storage/move/tables.ts'

export type Digest = { rows: number; sha256: string }

const HASH_AT_BYTES = 64 * 1024

/**
 * @param onRows is given the rows of each page, in the order of the key.
 * @returns how many rows there are, and SHA-256 of all of them in the order of the key, in hex.
 */
export async function digestTable(
  reader: Reader,
  table: MovedTable,
  onRows: (rows: readonly Row[]) => void = () => undefined,
): Promise<Digest> {
  const hash = createHash('sha256').update(tableHead(table))
  const bytes = new RowBytes()
  const pages = new Pages(reader, table)
  let count = 0
  for (let rows = await pages.next(); rows.length > 0; rows = await pages.next()) {
    for (const row of rows) {
      decoded(`${reader.name}, ${table.name}`, () => bytes.add(row))
      if (bytes.length >= HASH_AT_BYTES) hash.update(bytes.take())
    }
    count += rows.length
    onRows(rows)
  }
  return { rows: count, sha256: hash.update(bytes.take()).digest('hex') }
}

/** Small ones; whatever a vault does, a row more is in the log or one of these is not what it was. */
const TELLING = ['credentials', 'logs', 'parties', 'tenant_keys', 'tenants'].map(tableNamed)

/** Says which store this is, and in which state, without reading all of it. */
export async function fingerprint(reader: Reader, counts: ReadonlyMap<string, number>): Promise<string> {
  const hash = createHash('sha256')
  for (const [table, rows] of counts) hash.update(`${table} ${rows}\n`)
  for (const table of TELLING) hash.update((await digestTable(reader, table)).sha256)
  return hash.digest('hex')
}

export async function countRows(reader: Reader): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  for (const table of MOVED_TABLES) counts.set(table.name, await reader.count(table))
  return counts
}
