import { and, asc, sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { instant } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import type { EventKind, RetentionKind, RowKind } from '../../../vault/retention/policy.ts'
import type { Due, DueQuery, RetentionReads } from '../../../vault/store.ts'
import { indexOf, placeOf } from '../../log-place.ts'
import type { PostgresDatabase } from '../driver.ts'
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
import type { TenantNumbers } from '../tenants.ts'

/** How many events one walk looks at: a few milliseconds, also where none of them is due. */
const MAX_WALKED = 2_000

export function retentionReads(db: PostgresDatabase, numbers: TenantNumbers): RetentionReads {
  const dueRows = rowsDue(db)
  const dueEvents = eventsDue(db)
  return {
    async listOldest(kind) {
      const since = sql<Instant | null>`(${OLDEST[kind]})`.mapWith((at: string) => instant(Number(at)))
      const rows = await db.select({ tenant: tenants.slug, since }).from(tenants).orderBy(asc(tenants.no))
      return rows.flatMap((row) => (row.since === null ? [] : [{ tenant: row.tenant, since: row.since }]))
    },
    async listDue(tenant, query, limit) {
      const no = await numbers.of(tenant)
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

function least(at: PgColumn, of: PgColumn, more?: SQL): SQL {
  const among = more ? sql` and ${more}` : sql``
  return sql`select min(${at}) from ${at.table} where ${of} = ${tenants.no}${among}`
}

/** `least` passes over nulls. */
function earlier(a: SQL, b: SQL): SQL {
  return sql`select least((${a}), (${b}))`
}

function firstNotWalked(kind: EventKind): SQL {
  const next = sql`select ${retentionWalks.next} from ${retentionWalks}
    where ${retentionWalks.tenant} = ${tenants.no} and ${retentionWalks.kind} = ${kind}`
  return sql`select ${events.at} from ${events}
    where ${events.place} = ${tenants.no} * ${sql.raw(String(placeOf(1, 0)))} + coalesce((${next}), 0)`
}

type DueRows = (tenant: number, before: Instant, limit: number) => Promise<Due>

function rowsDue(db: PostgresDatabase): Readonly<Record<RowKind, DueRows>> {
  const early = (of: PgColumn, at: PgColumn, more?: SQL) =>
    and(given(of), sql`${at} < ${arg(at, 'before')}`, more)
  const limit = sql.placeholder('limit')
  const records = db
    .select({ key: idempotency.no })
    .from(idempotency)
    .where(early(idempotency.tenant, idempotency.createdAt))
    .orderBy(asc(idempotency.createdAt))
    .limit(limit)
    .prepare('due_records')
  const paid = db
    .select({ key: sql<string>`${paidItems.party} || ' ' || ${paidItems.item}` })
    .from(paidItems)
    .where(early(paidItems.tenant, paidItems.at))
    .orderBy(asc(paidItems.at))
    .limit(limit)
    .prepare('due_items')
  const parcels = db
    .select({ key: shipments.no })
    .from(shipments)
    .where(early(shipments.tenant, shipments.stageAt, SETTLED))
    .orderBy(asc(shipments.stageAt))
    .limit(limit)
    .prepare('due_parcels')
  const tokensBy = (at: typeof tokens.expiresAt | typeof tokens.retiredAt) =>
    db
      .select({ key: tokens.no })
      .from(tokens)
      .where(early(tokens.tenant, at))
      .orderBy(asc(at))
      .limit(limit)
      .prepare('due_tokens')
  const sessionsBy = (at: typeof sessions.expiresAt | typeof sessions.endedAt) =>
    db
      .select({ key: sessions.id })
      .from(sessions)
      .where(early(sessions.tenant, at))
      .orderBy(asc(at))
      .limit(limit)
      .prepare('due_sessions')
  return {
    idempotency: eachOf(records),
    paid_items: eachOf(paid),
    closed_parcels: eachOf(parcels),
    expired_tokens: eachOf(tokensBy(tokens.expiresAt), tokensBy(tokens.retiredAt)),
    ended_sessions: eachOf(sessionsBy(sessions.expiresAt), sessionsBy(sessions.endedAt)),
  }
}

type Listing = { execute(args: Record<string, unknown>): Promise<{ key: string | number }[]> }

/** What any of the listings gives; a row may be in more than one. */
function eachOf(...listings: readonly Listing[]): DueRows {
  return async (tenant, before, limit) => {
    const lists = await Promise.all(listings.map((listing) => listing.execute({ tenant, before, limit })))
    const keys = [...new Set(lists.flat().map(({ key }) => String(key)))].slice(0, limit)
    return { keys, walk: null, more: lists.some((list) => list.length >= limit) }
  }
}

type EventQuery = Extract<DueQuery, { types: unknown }>
type DueEvents = (tenant: number, query: EventQuery, limit: number) => Promise<Due>

function eventsDue(db: PostgresDatabase): DueEvents {
  const walked = db
    .select({ next: retentionWalks.next })
    .from(retentionWalks)
    .where(and(given(retentionWalks.tenant), given(retentionWalks.kind)))
    .prepare('walked')
  const log = db.select({ size: logs.size }).from(logs).where(given(logs.tenant)).prepare('covered')
  const stretch = db
    .select({ place: events.place, at: events.at, type: events.type })
    .from(events)
    .where(within(events.place))
    .orderBy(asc(events.place))
    .prepare('event_stretch')
  return async (tenant, { kind, before, types }, limit) => {
    const from = (await walked.execute({ tenant, kind }))[0]?.next ?? 0
    const size = (await log.execute({ tenant }))[0]?.size ?? 0
    const end = Math.min(size, from + MAX_WALKED)
    const wanted = new Set(types)
    const keys: string[] = []
    let to = from
    if (end <= from) return { keys, walk: null, more: false }
    const rows = await stretch.execute({ first: placeOf(tenant, from), last: placeOf(tenant, end) - 1 })
    for (const row of rows) {
      if (row.at >= before || keys.length >= limit) break
      to = indexOf(row.place) + 1
      if (wanted.has(row.type)) keys.push(String(to - 1))
    }
    const more = keys.length >= limit || (to === end && end < size)
    return { keys, walk: to > from ? { from, to } : null, more }
  }
}
