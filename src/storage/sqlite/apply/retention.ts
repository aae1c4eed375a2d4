import { and, eq, lt, or, sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { Change } from '../../../vault/changes.ts'
import { isEventKind } from '../../../vault/retention/policy.ts'
import type { EventKind, RowKind } from '../../../vault/retention/policy.ts'
import type { RowsOf, SqliteDatabase } from '../driver.ts'
import { placeOf } from '../../log-place.ts'
import {
  SETTLED,
  events,
  idempotency,
  logs,
  notes,
  paidItems,
  retentionWalks,
  sessions,
  shipments,
  subjects,
  tokens,
} from '../schema/index.ts'
import { given, rowArgs } from '../statements.ts'
import { conflict } from './list.ts'
import type { ListContext } from './list.ts'

type RetentionChange = Extract<Change, { type: 'retention.remove' }>

/** Removes one row if it still counts from before `before`. @returns whether it did. */
type RemoveRow = (tenant: number, key: string, before: number) => boolean

export function retentionApplier(db: SqliteDatabase, rowsOf: RowsOf) {
  const rows = rowRemovers(db, rowsOf)
  const walk = logWalker(db, rowsOf)
  return ({ kind, before, keys, walk: walked }: RetentionChange, { tenant }: ListContext): void => {
    if (isEventKind(kind)) return walk(tenant, kind, { keys, walked, before })
    for (const key of keys) if (!rows[kind](tenant, key, before)) throw conflict()
  }
}

const BEFORE = sql`+${sql.placeholder('before')}`

function rowRemovers(db: SqliteDatabase, rowsOf: RowsOf): Readonly<Record<RowKind, RemoveRow>> {
  const removeRecord = db
    .delete(idempotency)
    .where(and(given(idempotency.no), given(idempotency.tenant), lt(idempotency.createdAt, BEFORE)))
    .prepare()
  const removeToken = db
    .delete(tokens)
    .where(
      and(
        given(tokens.no),
        given(tokens.tenant),
        either(lt(tokens.expiresAt, BEFORE), lt(tokens.retiredAt, BEFORE)),
      ),
    )
    .prepare()
  const removeSession = db
    .delete(sessions)
    .where(
      and(
        given(sessions.tenant),
        given(sessions.id),
        either(lt(sessions.expiresAt, BEFORE), lt(sessions.endedAt, BEFORE)),
      ),
    )
    .prepare()
  const removePaid = db
    .delete(paidItems)
    .where(
      and(given(paidItems.tenant), given(paidItems.party), given(paidItems.item), lt(paidItems.at, BEFORE)),
    )
    .prepare()
  const did = (result: unknown) => rowsOf(result) > 0
  return {
    idempotency: (tenant, no, before) => did(removeRecord.run({ tenant, no: Number(no), before })),
    expired_tokens: (tenant, no, before) => did(removeToken.run({ tenant, no: Number(no), before })),
    ended_sessions: (tenant, id, before) => did(removeSession.run({ tenant, id, before })),
    paid_items: (tenant, key, before) => {
      const [party, ...item] = key.split(' ')
      return did(removePaid.run({ tenant, party, item: item.join(' '), before }))
    },
    closed_parcels: parcelBlanker(db),
  }
}

function either(one: SQL, other: SQL): SQL {
  return or(one, other) ?? one
}

/** What remains is what accounts need: who sent what order by whom, and when. */
function parcelBlanker(db: SqliteDatabase): RemoveRow {
  const blank = db
    .update(shipments)
    .set({ nameToken: sql`''`, phoneToken: sql`''`, addressToken: sql`''` })
    .where(and(given(shipments.no), given(shipments.tenant), SETTLED, lt(shipments.stageAt, BEFORE)))
    .returning({ id: shipments.id, person: shipments.person })
    .prepare()
  // A note about a parcel is sealed for its recipient, and found by the person.
  const removeNotes = db
    .delete(notes)
    .where(
      and(
        given(notes.tenant),
        eq(
          notes.subject,
          sql`(select ${subjects.id} from ${subjects} where ${given(subjects.no, 'person')})`,
        ),
        given(notes.about),
      ),
    )
    .prepare()
  return (tenant, no, before) => {
    const parcel = blank.get({ tenant, no: Number(no), before })
    if (!parcel) return false
    removeNotes.run({ tenant, person: parcel.person, about: parcel.id })
    return true
  }
}

type Walked = Pick<RetentionChange, 'keys' | 'before'> & { walked: RetentionChange['walk'] }

function logWalker(db: SqliteDatabase, rowsOf: RowsOf) {
  const covered = db.select({ size: logs.size }).from(logs).where(given(logs.tenant)).prepare()
  const begin = db.insert(retentionWalks).values(rowArgs(retentionWalks)).onConflictDoNothing().prepare()
  const goOn = db
    .update(retentionWalks)
    .set({ next: sql`+${sql.placeholder('next')}` })
    .where(and(given(retentionWalks.tenant), given(retentionWalks.kind), given(retentionWalks.next, 'from')))
    .prepare()
  // An empty type is what says that the event is gone. The row stays where it is, in no index but that of ids.
  const empty = db
    .update(events)
    .set({ type: sql`''`, bytes: sql`x''`, subjectSalt: null, person: null, party: null })
    .where(and(given(events.place), lt(events.at, BEFORE), sql`${events.type} <> ''`))
    .prepare()
  return (tenant: number, kind: EventKind, { keys, walked, before }: Walked): void => {
    if (!walked) throw conflict()
    const { from, to: next } = walked
    if (next > (covered.get({ tenant })?.size ?? 0)) throw conflict()
    const advanced = from === 0 ? begin.run({ tenant, kind, next }) : goOn.run({ tenant, kind, next, from })
    if (rowsOf(advanced) === 0) throw conflict()
    for (const index of keys.map(Number)) {
      if (index < from || index >= next) throw conflict()
      if (rowsOf(empty.run({ place: placeOf(tenant, index), before })) === 0) throw conflict()
    }
  }
}
