import { and, asc, sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../../core/id.ts'
import type { Instant } from '../../../core/time.ts'
import type { EventKind, RetentionKind, RowKind } from '../../../vault/retention/policy.ts'
import type { Due, DueQuery, RetentionReads } from '../../../vault/store.ts'
import type { SqliteDatabase } from '../driver.ts'
import { indexOf, placeOf } from '../../log-place.ts'
import {
  SETTLED,
  events,
  idempotency,
  logs,
  paidItems,
  retentionWalks,
  sessions,
  shipments,
  tenants,
  tokens,
} from '../schema/index.ts'
import { arg, given, within } from '../statements.ts'
import type { TenantNumbers } from './tenants.ts'

/** How many events one walk looks at: a few milliseconds, also where none of them is due. */
const MAX_WALKED = 2_000

export function retentionReads(db: SqliteDatabase, numbers: TenantNumbers): RetentionReads {
  const dueRows = rowsDue(db)
  const dueEvents = eventsDue(db)
  return {
    async listOldest(kind) {
      const rows = db.all<{ tenant: TenantId; since: Instant | null }>(
        sql`select ${tenants.slug} as tenant, (${OLDEST[kind]}) as since from ${tenants}`,
      )
      return rows.flatMap(({ tenant, since }) => (since === null ? [] : [{ tenant, since }]))
    },
    async listDue(tenant, query, limit) {
      const no = numbers.of(tenant)
      return 'types' in query ? dueEvents(no, query, limit) : dueRows[query.kind](no, query.before, limit)
    },
  }
}

/** From when a tenant's oldest row counts: a look into an index each, so that a tenant with nothing due costs no more. */
const OLDEST: Readonly<Record<RetentionKind, SQL>> = {
  idempotency: least(idempotency.createdAt, idempotency.tenant),
  paid_items: least(paidItems.at, paidItems.tenant),
  closed_parcels: least(shipments.stageAt, shipments.tenant, SETTLED),
  ended_sessions: earlier(
    least(sessions.expiresAt, sessions.tenant),
    least(sessions.endedAt, sessions.tenant, sql`${sessions.endedAt} is not null`),
  ),
  expired_tokens: earlier(
    least(tokens.expiresAt, tokens.tenant, sql`${tokens.expiresAt} is not null`),
    least(tokens.retiredAt, tokens.tenant, sql`${tokens.retiredAt} is not null`),
  ),
  disclosure_events: firstNotWalked('disclosure_events'),
  other_events: firstNotWalked('other_events'),
}

function least(at: SQLiteColumn, of: SQLiteColumn, more?: SQL): SQL {
  const among = more ? sql` and ${more}` : sql``
  return sql`select min(${at}) from ${at.table} where ${of} = ${tenants.no}${among}`
}

/** SQLite's min of two is null if one of them is. */
function earlier(a: SQL, b: SQL): SQL {
  return sql`select min(ifnull((${a}), (${b})), ifnull((${b}), (${a})))`
}

function firstNotWalked(kind: EventKind): SQL {
  const next = sql`select ${retentionWalks.next} from ${retentionWalks}
    where ${retentionWalks.tenant} = ${tenants.no} and ${retentionWalks.kind} = ${kind}`
  return sql`select ${events.at} from ${events}
    where ${events.place} = ${tenants.no} * ${placeOf(1, 0)} + ifnull((${next}), 0)`
}

type DueRows = (tenant: number, before: Instant, limit: number) => Due

function rowsDue(db: SqliteDatabase): Readonly<Record<RowKind, DueRows>> {
  const early = (of: SQLiteColumn, at: SQLiteColumn, more?: SQL) =>
    and(given(of), sql`${at} < ${arg(at, 'before')}`, more)
  const limit = sql.placeholder('limit')
  const records = db
    .select({ key: idempotency.no })
    .from(idempotency)
    .where(early(idempotency.tenant, idempotency.createdAt))
    .orderBy(asc(idempotency.createdAt))
    .limit(limit)
    .prepare()
  const paid = db
    .select({ party: paidItems.party, item: paidItems.item })
    .from(paidItems)
    .where(early(paidItems.tenant, paidItems.at))
    .orderBy(asc(paidItems.at))
    .limit(limit)
    .prepare()
  const parcels = db
    .select({ key: shipments.no })
    .from(shipments)
    .where(early(shipments.tenant, shipments.stageAt, SETTLED))
    .orderBy(asc(shipments.stageAt))
    .limit(limit)
    .prepare()
  const tokensBy = (at: typeof tokens.expiresAt | typeof tokens.retiredAt) =>
    db
      .select({ key: tokens.no })
      .from(tokens)
      .where(early(tokens.tenant, at))
      .orderBy(asc(at))
      .limit(limit)
      .prepare()
  const sessionsBy = (at: typeof sessions.expiresAt | typeof sessions.endedAt) =>
    db
      .select({ key: sessions.id })
      .from(sessions)
      .where(early(sessions.tenant, at))
      .orderBy(asc(at))
      .limit(limit)
      .prepare()
  return {
    idempotency: eachOf(records),
    paid_items: (tenant, before, most) => {
      const rows = paid.all({ tenant, before, limit: most })
      return dueOf([rows.map(({ party, item }) => `${party} ${item}`)], most)
    },
    closed_parcels: eachOf(parcels),
    expired_tokens: eachOf(tokensBy(tokens.expiresAt), tokensBy(tokens.retiredAt)),
    ended_sessions: eachOf(sessionsBy(sessions.expiresAt), sessionsBy(sessions.endedAt)),
  }
}

type Listing = { all(args: Record<string, unknown>): { key: string | number }[] }

/** What any of the listings gives; a row may be in more than one. */
function eachOf(...listings: readonly Listing[]): DueRows {
  return (tenant, before, limit) => {
    const found = listings.map((listing) =>
      listing.all({ tenant, before, limit }).map(({ key }) => String(key)),
    )
    return dueOf(found, limit)
  }
}

function dueOf(lists: readonly (readonly string[])[], limit: number): Due {
  const keys = [...new Set(lists.flat())].slice(0, limit)
  return { keys, walk: null, more: lists.some((list) => list.length >= limit) }
}

type EventQuery = Extract<DueQuery, { types: unknown }>

function eventsDue(db: SqliteDatabase): (tenant: number, query: EventQuery, limit: number) => Due {
  const walked = db
    .select({ next: retentionWalks.next })
    .from(retentionWalks)
    .where(and(given(retentionWalks.tenant), given(retentionWalks.kind)))
    .prepare()
  const log = db.select({ size: logs.size }).from(logs).where(given(logs.tenant)).prepare()
  const stretch = db
    .select({ place: events.place, at: events.at, type: events.type })
    .from(events)
    .where(within(events.place))
    .orderBy(asc(events.place))
    .prepare()
  return (tenant, { kind, before, types }, limit) => {
    const from = walked.get({ tenant, kind })?.next ?? 0
    const size = log.get({ tenant })?.size ?? 0
    const end = Math.min(size, from + MAX_WALKED)
    const wanted = new Set(types)
    const keys: string[] = []
    let to = from
    if (end <= from) return { keys, walk: null, more: false }
    for (const row of stretch.all({ first: placeOf(tenant, from), last: placeOf(tenant, end) - 1 })) {
      if (row.at >= before || keys.length >= limit) break
      to = indexOf(row.place) + 1
      if (wanted.has(row.type)) keys.push(String(to - 1))
    }
    const more = keys.length >= limit || (to === end && end < size)
    return { keys, walk: to > from ? { from, to } : null, more }
  }
}
