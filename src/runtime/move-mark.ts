import { VaultError } from '../core/errors.ts'

/**
 * The mark of a store that a move is filling: a table of one row, in the store itself, so that each page of rows and the mark of
 * having it are one transaction. Whoever opens a store looks for it; the end of the move takes it away.
 */
export const MARK_TABLE = 'unfinished_move'

/** Both engines take these words. `source` says which store it is filled from, and in which state. */
export const MAKE_MARK = `create table ${MARK_TABLE} (no integer primary key, source text not null, progress text not null)`

export const REMOVE_MARK = `drop table ${MARK_TABLE}`

export type Mark = { source: string; progress: string }

/** @throws VaultError `move_unfinished` */
export function refuseUnfinished(): never {
  throw new VaultError(
    'move_unfinished',
    'This store is being filled by `cloakroom move`, which has not come to its end. Run the same command again to go on with it.',
  )
}
