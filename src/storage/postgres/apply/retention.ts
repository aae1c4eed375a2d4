import { eq, lt, lte, ne, or, sql } from 'drizzle-orm'
import type { Change } from '../../../vault/changes.ts'
import { isEventKind } from '../../../vault/retention/policy.ts'
import type { EventKind, RowKind } from '../../../vault/retention/policy.ts'
import { placeOf } from '../../log-place.ts'
import type { Step } from '../batch.ts'
import type { PostgresDatabase } from '../driver.ts'
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
import { DONE, all, among, given, must, mustBe, rowArgs, statement } from '../statements.ts'
import type { Statement } from '../statements.ts'
import type { Apply } from './list.ts'

type RetentionChange = Extract<Change, { type: 'retention.remove' }>

/** Removes these rows if all of them still count from before `before`, else stops the transaction. */
type RemoveRows = (tenant: number, keys: readonly string[], before: number) => readonly Step[]

export function retentionApplier(db: PostgresDatabase): Apply<RetentionChange> {
  const rows = rowRemovers(db)
  const walk = logWalker(db)
  return ({ kind, before, keys, walk: walked }, { tenant }) => {
    if (isEventKind(kind)) return walk(tenant, kind, { keys, walked, before })
    return rows[kind](tenant, keys, before)
  }
}

const BEFORE = sql.placeholder('before')

function rowRemovers(db: PostgresDatabase): Readonly<Record<RowKind, RemoveRows>> {
  const records = db
    .delete(idempotency)
    .where(all(given(idempotency.tenant), among(idempotency.no, 'keys'), lt(idempotency.createdAt, BEFORE)))
  const spent = or(lt(tokens.expiresAt, BEFORE), lt(tokens.retiredAt, BEFORE))
  const ofTokens = db.delete(tokens).where(all(given(tokens.tenant), among(tokens.no, 'keys'), spent))
  const over = or(lt(sessions.expiresAt, BEFORE), lt(sessions.endedAt, BEFORE))
  const ofSessions = db.delete(sessions).where(all(given(sessions.tenant), among(sessions.id, 'keys'), over))
  const key = sql`${paidItems.party} || ' ' || ${paidItems.item}`
  const ofItems = db
    .delete(paidItems)
    .where(
      all(
        given(paidItems.tenant),
        sql`${paidItems.party} = any(${sql.placeholder('parties')})`,
        sql`${paidItems.item} = any(${sql.placeholder('items')})`,
        sql`${key} = any(${sql.placeholder('keys')})`,
        lt(paidItems.at, BEFORE),
      ),
    )
  const numbered = (remove: Statement): RemoveRows => {
    return (tenant, keys, before) => [
      remove({ tenant, keys: keys.map(Number), before, expected: keys.length }),
    ]
  }
  const removeSessions = mustBe(ofSessions.returning(DONE))
  const removeItems = mustBe(ofItems.returning(DONE))
  return {
    idempotency: numbered(mustBe(records.returning(DONE))),
    expired_tokens: numbered(mustBe(ofTokens.returning(DONE))),
    ended_sessions: (tenant, keys, before) => [
      removeSessions({ tenant, keys, before, expected: keys.length }),
    ],
    paid_items: (tenant, keys, before) => {
      const parts = keys.map((text) => [text.slice(0, text.indexOf(' ')), text.slice(text.indexOf(' ') + 1)])
      const parties = parts.map(([party]) => party)
      const items = parts.map(([, item]) => item)
      return [removeItems({ tenant, keys, parties, items, before, expected: keys.length })]
    },
    closed_parcels: parcelBlanker(db),
  }
}

/** What remains is what accounts need: who sent what order by whom, and when. */
function parcelBlanker(db: PostgresDatabase): RemoveRows {
  const blank = db
    .update(shipments)
    .set({ nameToken: sql`''`, phoneToken: sql`''`, addressToken: sql`''` })
    .where(all(given(shipments.tenant), among(shipments.no, 'keys'), SETTLED, lt(shipments.stageAt, BEFORE)))
    .returning(DONE)
  // A note about a parcel is sealed for its recipient, and found by the person.
  const ofParcels = db
    .select({ done: sql`1` })
    .from(shipments)
    .innerJoin(subjects, eq(subjects.no, shipments.person))
    .where(
      all(among(shipments.no, 'keys'), eq(subjects.id, notes.subject), sql`${shipments.id} = ${notes.about}`),
    )
  const removeNotes = statement(db.delete(notes).where(all(given(notes.tenant), sql`exists ${ofParcels}`)))
  const blankAll = mustBe(blank)
  return (tenant, texts, before) => {
    const keys = texts.map(Number)
    return [blankAll({ tenant, keys, before, expected: keys.length }), removeNotes({ tenant, keys })]
  }
}

type Walked = Pick<RetentionChange, 'keys' | 'before'> & { walked: RetentionChange['walk'] }

function logWalker(db: PostgresDatabase) {
  const covered = must(
    db
      .select(DONE)
      .from(logs)
      .where(all(given(logs.tenant), lte(sql.placeholder('next'), logs.size))),
  )
  const begin = must(
    db.insert(retentionWalks).values(rowArgs(retentionWalks)).onConflictDoNothing().returning(DONE),
  )
  const goOn = must(
    db
      .update(retentionWalks)
      .set({ next: sql`${sql.placeholder('next')}` })
      .where(
        all(given(retentionWalks.tenant), given(retentionWalks.kind), given(retentionWalks.next, 'from')),
      )
      .returning(DONE),
  )
  // An empty type is what says that the event is gone. The row stays where it is, in no index but that of ids.
  const empty = mustBe(
    db
      .update(events)
      .set({ type: sql`''`, bytes: sql`''`, subjectSalt: null, person: null, party: null })
      .where(all(among(events.place, 'places'), lt(events.at, BEFORE), ne(events.type, sql`''`)))
      .returning(DONE),
  )
  const never = statement(sql`select cloakroom_must(0)`)
  return (tenant: number, kind: EventKind, { keys, walked, before }: Walked): readonly Step[] => {
    if (!walked) return [never({})]
    const { from, to: next } = walked
    const indexes = keys.map(Number)
    if (indexes.some((index) => index < from || index >= next)) return [never({})]
    const places = indexes.map((index) => placeOf(tenant, index))
    const advance = from === 0 ? begin : goOn
    return [
      covered({ tenant, next }),
      advance({ tenant, kind, next, from }),
      ...(places.length > 0 ? [empty({ places, before, expected: places.length })] : []),
    ]
  }
}
