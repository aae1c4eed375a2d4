import { VaultError } from '../../../core/errors.ts'
import { MOVED_TABLES } from '../../../storage/move/tables.ts'
import type { Key, MovedTable, Row } from '../../../storage/move/tables.ts'

/** One state of a whole store: nobody else writes to it while it is read. */
export type Reader = {
  /** As a person would call it, without a password. */
  name: string
  /**
   * @param after the key of the last row that is known; undefined to begin.
   * @returns at most `limit` rows in the order of the key, and none at the end.
   * @throws VaultError `database_unreadable` for what no vault has written, `unavailable`
   */
  page(table: MovedTable, after: Key | undefined, limit: number): Promise<Row[]>
  count(table: MovedTable): Promise<number>
}

export type Source = Reader & {
  /** Asked for once it is known where the rows go: from here on nobody writes to it. One that was held as it was opened is. */
  hold(): Promise<void>
  close(): Promise<void>
}

/** How far the rows have come: up to and with this key of this table. */
export type Progress = { table: string; after: Key }

export type Target = Reader & {
  /**
   * Takes an empty store, or the one that was half filled from the same source, and marks it.
   * @param source says which store it is filled from, and in which state.
   * @returns where to go on; undefined at the beginning.
   * @throws VaultError `store_not_empty`, `move_source_changed`
   */
  begin(source: string): Promise<Progress | undefined>
  /** The rows, and the mark of having them, in one transaction. */
  write(table: MovedTable, rows: readonly Row[], progress: Progress): Promise<void>
  /** From here on nobody else can write: what is read now is what will be published. */
  beginProof(): Promise<void>
  /** Takes the mark away; durable once resolved. From here on it may be served. */
  publish(): Promise<void>
  close(): Promise<void>
}

export function tableNamed(name: string): MovedTable {
  const table = MOVED_TABLES.find((one) => one.name === name)
  if (!table) throw new TypeError(`no table ${name}`)
  return table
}

export function storeNotEmpty(name: string): VaultError {
  return new VaultError(
    'store_not_empty',
    `${name} already holds a vault. A store is moved into an empty database or a new folder only.`,
  )
}

/** @throws VaultError `move_source_changed` unless the mark was made by a move of the very same store. */
export function requireSameSource(name: string, marked: string, source: string): void {
  if (marked === source) return
  throw new VaultError(
    'move_source_changed',
    `${name} is half filled from another store, or the store that it is filled from has been written to since. Empty it and begin anew.`,
  )
}

export function parseProgress(text: string): Progress | undefined {
  return (JSON.parse(text) as Progress | null) ?? undefined
}

export function formatProgress(progress: Progress | undefined): string {
  return JSON.stringify(progress ?? null)
}

/** What the schema's codecs refuse is no bug, but a store that was tampered with or damaged. */
export function decoded<T>(name: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new VaultError('database_unreadable', `${name}: ${error.message}.`, { cause: error })
  }
}
