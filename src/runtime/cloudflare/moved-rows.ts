import { VaultError } from '../../core/errors.ts'
import { encodePage } from '../../storage/move/page-bytes.ts'
import { countStatement, pageStatement, sqliteShapes } from '../../storage/move/shape.ts'
import type { TableShape } from '../../storage/move/shape.ts'
import * as schema from '../../storage/sqlite/schema/index.ts'
import { openDrizzle } from './durable-driver.ts'
import { schemaOf } from './migrations.ts'
import { restOf } from './rest.ts'

// What a move reads of an object. Nothing is opened for it: rows are as they lie, wrapped and sealed.

const SHAPES = sqliteShapes(schema)

export type RowsAsked = {
  rest: string
  table: string
  after: readonly (string | number)[] | undefined
  limit: number
}
export type CountAsked = { rest: string; table: string }

/** @throws VaultError `invalid_request`, and as `requireRest`; `database_unreadable` for what no vault has written. */
export function rowsOf(storage: DurableObjectStorage, { rest, table, after, limit }: RowsAsked): Uint8Array {
  const shape = shapeOf(table)
  requireRest(storage, rest)
  if (after && after.length !== shape.key.length) {
    throw new VaultError('invalid_request', `after has ${shape.key.length} parts in ${table}.`)
  }
  const text = pageStatement(shape, after === undefined, () => '?')
  const found = storage.sql.exec(text, ...(after ?? []), limit).raw<SqlStorageValue[]>()
  try {
    return encodePage(plain(found))
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new VaultError('database_unreadable', `${table}: ${error.message}.`, { cause: error })
  }
}

/** @throws VaultError `invalid_request`, and as `requireRest`. */
export function countOf(storage: DurableObjectStorage, { rest, table }: CountAsked): number {
  const shape = shapeOf(table)
  requireRest(storage, rest)
  const [[count] = []] = [...storage.sql.exec(countStatement(shape)).raw<number[]>()]
  return Number(count)
}

function* plain(rows: Iterable<SqlStorageValue[]>): Generator<unknown[]> {
  for (const row of rows) {
    yield row.map((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value))
  }
}

function shapeOf(table: string): TableShape {
  const shape = SHAPES.get(table)
  if (shape) return shape
  throw new VaultError('invalid_request', 'There is no such table to move.')
}

/** @throws VaultError `state_conflict`, `move_source_changed`, and as `schemaOf`. */
function requireRest(storage: DurableObjectStorage, id: string): void {
  const rest = restOf(storage)
  if (!rest) throw new VaultError('state_conflict', 'The tenant is not at rest: it can be written to.')
  if (rest.id !== id) {
    throw new VaultError('move_source_changed', 'The tenant was woken and put to rest again in between.')
  }
  schemaOf(openDrizzle(storage))
}
