import { eq, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import { placeOf, tilePlaceOf } from '../../log-place.ts'
import type { PostgresDatabase } from '../driver.ts'
import { events, logs, tiles } from '../schema/index.ts'
import { DONE, all, arg, given, must, rowArgs, statement, within } from '../statements.ts'
import { anyPerson } from './list.ts'
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
function prepareEvents(db: PostgresDatabase) {
  const last = db
    .select({ place: sql`max(${events.place})` })
    .from(events)
    .where(within(events.place))
  const row = { ...rowArgs(events), place: sql`coalesce(${last} + 1, ${sql.placeholder('first')})` }
  return {
    append: statement(db.insert(events).values({ ...row, person: null })),
    appendAbout: statement(db.insert(events).values({ ...row, person: anyPerson(db) })),
  }
}

export function logApplier(db: PostgresDatabase): Apply<LogChange> {
  const checkpoint = prepareCheckpoints(db)
  const event = prepareEvents(db)
  return (change, { tenant }) => {
    switch (change.type) {
      case 'event.append': {
        const { bytes, leafHash, subjectSalt } = change.event
        const { id, at, type, subject, party = null } = change.event.event
        const first = placeOf(tenant, 0)
        const last = placeOf(tenant + 1, 0) - 1
        const row = { tenant, first, last, id, at, type, party, subjectSalt, bytes, leafHash }
        return [subject === undefined ? event.append(row) : event.appendAbout({ ...row, subject })]
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
