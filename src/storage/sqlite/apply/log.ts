import { eq, sql } from 'drizzle-orm'
import type { Change } from '../../../vault/changes.ts'
import type { RowsOf, SqliteDatabase } from '../driver.ts'
import { tilePlaceOf } from '../../log-place.ts'
import { logs, tiles } from '../schema/index.ts'
import { arg, given, rowArgs } from '../statements.ts'
import { conflict } from './list.ts'
import type { ListContext } from './list.ts'

type LogChange = Extract<Change, { type: `log.${string}` }>

function prepare(db: SqliteDatabase) {
  const {
    tenant: _tenant,
    origin: _origin,
    cosignedSize: _size,
    cosignedNote: _note,
    ...grown
  } = rowArgs(logs)
  return {
    first: db
      .insert(logs)
      .values({ ...rowArgs(logs), cosignedSize: null, cosignedNote: null })
      .onConflictDoNothing()
      .prepare(),
    grow: db
      .update(logs)
      .set({
        size: sql`${grown.size}`,
        root: sql`${arg(logs.root)}`,
        checkpoint: sql`${grown.checkpoint}`,
        madeAt: sql`${arg(logs.madeAt, 'madeAt')}`,
      })
      .where(sql`${given(logs.tenant)} and ${eq(logs.size, sql`+${sql.placeholder('expectedSize')}`)}`)
      .prepare(),
    cosign: db
      .update(logs)
      .set({
        cosignedSize: sql`${sql.placeholder('size')}`,
        cosignedNote: sql`${sql.placeholder('note')}`,
      })
      .where(sql`${given(logs.tenant)} and coalesce(${logs.cosignedSize}, 0) <= +${sql.placeholder('size')}`)
      .prepare(),
    putTile: db
      .insert(tiles)
      .values(rowArgs(tiles))
      .onConflictDoUpdate({ target: tiles.place, set: { bytes: sql`excluded.bytes` } })
      .prepare(),
  }
}

export function logApplier(db: SqliteDatabase, rowsOf: RowsOf) {
  const statements = prepare(db)
  return (change: LogChange, { tenant }: ListContext): void => {
    if (change.type === 'log.cosign') {
      statements.cosign.run({ tenant, size: change.size, note: change.note })
      return
    }
    const { expectedSize, state } = change
    const put = expectedSize === 0 ? statements.first : statements.grow
    if (rowsOf(put.run({ tenant, expectedSize, ...state })) === 0) throw conflict()
    for (const tile of change.tiles) {
      statements.putTile.run({ place: tilePlaceOf(tenant, tile), bytes: tile.bytes })
    }
  }
}
