import { eq, getTableColumns, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import { placeOf, tilePlaceOf } from '../../log-place.ts'
import type { PostgresDatabase } from '../driver.ts'
import { events, logs, subjects, tiles } from '../schema/index.ts'
import { DONE, all, arg, given, must, rowArgs, statement } from '../statements.ts'
import { anyPersonOf } from './list.ts'
import { ORDINAL, insertFrom, overRows } from '../rows.ts'
import type { Apply } from './list.ts'

type LogChange = Extract<Change, { type: `log.${string}` | 'event.append' }>

function prepareCheckpoints(db: PostgresDatabase) {
  const first = db
    .insert(logs)
    .values({ ...rowArgs(logs), cosignedSize: null, cosignedNote: null })
    .onConflictDoNothing()
    .returning(DONE)
  const grow = db
    .update(logs)
    .set({
      size: arg(logs.size),
      root: arg(logs.root),
      checkpoint: arg(logs.checkpoint),
      madeAt: arg(logs.madeAt, 'madeAt'),
    })
    .where(all(given(logs.tenant), eq(logs.size, sql.placeholder('expectedSize'))))
    .returning(DONE)
  const cosign = db
    .update(logs)
    .set({ cosignedSize: arg(logs.size), cosignedNote: arg(logs.cosignedNote, 'note') })
    .where(all(given(logs.tenant), sql`coalesce(${logs.cosignedSize}, 0) <= ${arg(logs.size)}`))
  const putTile = db
    .insert(tiles)
    .values(rowArgs(tiles))
    .onConflictDoUpdate({ target: tiles.place, set: { bytes: sql`excluded.bytes` } })
  return { first: must(first), grow: must(grow), cosign: statement(cosign), putTile: statement(putTile) }
}

/**
 * The next place is the one after the tenant's last event, read when the event is written. The tenant's row is locked from the
 * list's beginning (commit.ts), so nobody else writes one meanwhile, and an undone list leaves no gap.
 */
function prepareEvents() {
  const { place: _derived, person: _found, ...stored } = getTableColumns(events)
  const columns = {
    ...stored,
    tenant: subjects.tenant,
    subject: subjects.id,
    first: events.place,
    last: events.place,
  }
  return overRows(columns, { reads: [subjects], changes: [events] }, (given, row) => {
    const last = sql`(select max(${events.place}) from ${events}
      where ${events.place} between (select min("first") from "new") and (select min("last") from "new"))`
    const place = sql`coalesce(${last} + 1, ${row.first}) + ${ORDINAL} - 1`
    const derived = { place, person: anyPersonOf(row) }
    return sql`with "new" as materialized (select * from ${given})
      ${insertFrom(events, sql`"new" as "given"`, row, derived)}`
  })
}

export function logApplier(db: PostgresDatabase): Apply<LogChange> {
  const checkpoint = prepareCheckpoints(db)
  const append = prepareEvents()
  return (change, { tenant }) => {
    switch (change.type) {
      case 'event.append': {
        const { bytes, leafHash, subjectSalt } = change.event
        const { id, at, type, subject, party = null } = change.event.event
        const first = placeOf(tenant, 0)
        const last = placeOf(tenant + 1, 0) - 1
        const about = subject ?? null
        return [
          append({ tenant, first, last, id, at, type, party, subject: about, subjectSalt, bytes, leafHash }),
        ]
      }
      case 'log.cosign':
        return [checkpoint.cosign({ tenant, size: change.size, note: change.note })]
      case 'log.integrate': {
        const { expectedSize, state } = change
        const put = expectedSize === 0 ? checkpoint.first : checkpoint.grow
        const kept = change.tiles.map((tile) =>
          checkpoint.putTile({ place: tilePlaceOf(tenant, tile), bytes: tile.bytes }),
        )
        return [put({ tenant, expectedSize, ...state }), ...kept]
      }
      default:
        return unreachable(change)
    }
  }
}
