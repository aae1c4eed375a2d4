import { and, asc, count, desc, eq, gte, lt, max, min, sql } from 'drizzle-orm'
import type { Instant } from '../../../core/time.ts'
import { DISORDER_MS } from '../../../vault/audit/event.ts'
import type { StoredEvent } from '../../../vault/audit/event.ts'
import type { AuditReads, EventFilter, Listed, Page } from '../../../vault/store.ts'
import { badCursor } from '../../cursor.ts'
import { indexOf, placeOf, tenantOf } from '../../log-place.ts'
import type { PostgresDatabase } from '../driver.ts'
import { events, subjects } from '../schema/index.ts'
import { given, within } from '../statements.ts'
import type { TenantNumbers } from '../tenants.ts'

const EVENT = {
  place: events.place,
  id: events.id,
  at: events.at,
  bytes: events.bytes,
  leafHash: events.leafHash,
  subject: subjects.id,
  subjectSalt: events.subjectSalt,
}

/**
 * How many entries one page may look at: a log has tens of millions, and a filter may match none of them. Such a page is
 * short or empty and still names the next one.
 */
const MAX_SCANNED = 10_000

type EventRow = Omit<StoredEvent, 'index'> & { place: number }

function stored({ place, ...event }: EventRow): StoredEvent {
  return { index: indexOf(place), ...event }
}

function prepare(db: PostgresDatabase) {
  return {
    event: db
      .select(EVENT)
      .from(events)
      .leftJoin(subjects, eq(subjects.no, events.person))
      .where(given(events.id))
      .prepare('event'),
    last: db
      .select({ place: events.place, at: events.at })
      .from(events)
      .where(within(events.place))
      .orderBy(desc(events.place))
      .limit(1)
      .prepare('last_event'),
    at: db.select({ at: events.at }).from(events).where(given(events.place)).prepare('event_at'),
    person: db
      .select({ no: subjects.no })
      .from(subjects)
      .where(and(given(subjects.tenant), given(subjects.id)))
      .prepare('person_no'),
  }
}

type Statements = ReturnType<typeof prepare>

/** Where in a log events of a time can lie, for reads beside those of the log itself. */
export function logStretches(db: PostgresDatabase) {
  const statements = prepare(db)
  return async (tenant: number, times: { from?: Instant; to?: Instant }) => {
    const log = { first: placeOf(tenant, 0), last: placeOf(tenant + 1, 0) - 1 }
    const [last] = await statements.last.execute(log)
    return stretchOf(statements, tenant, last ? indexOf(last.place) + 1 : 0, times)
  }
}

export function auditReads(db: PostgresDatabase, numbers: TenantNumbers): AuditReads {
  const statements = prepare(db)
  const head = async (tenant: number) => {
    const log = { first: placeOf(tenant, 0), last: placeOf(tenant + 1, 0) - 1 }
    const [found] = await statements.last.execute(log)
    return found ? { size: indexOf(found.place) + 1, lastAt: found.at } : { size: 0, lastAt: null }
  }
  return {
    async findEvent(tenant, id) {
      const [row] = await statements.event.execute({ id })
      return row && tenantOf(row.place) === (await numbers.of(tenant)) ? stored(row) : undefined
    },
    async listEvents(tenant, filter, page) {
      const after = page.after === undefined ? undefined : indexCursor(page.after)
      const no = await numbers.of(tenant)
      const [person] =
        filter.subject === undefined
          ? []
          : await statements.person.execute({ tenant: no, id: filter.subject })
      if (filter.subject !== undefined && person === undefined) return { rows: [], next: null }
      const stretch = await stretchOf(statements, no, (await head(no)).size, filter)
      const rest = after === undefined ? stretch : beyond(stretch, after, filter.order)
      return listEvents(db, no, { ...filter, person: person?.no }, page, rest)
    },
    async logHead(tenant) {
      return head(await numbers.of(tenant))
    },
  }
}

/** A part of the log: from index `first` up to and without `end`. */
type Stretch = { first: number; end: number }

/** Finds by bisection the part of a log in which events of a time can lie; whoever reads it still compares each `at`. */
async function stretchOf(
  statements: Statements,
  tenant: number,
  size: number,
  filter: { from?: Instant; to?: Instant },
): Promise<Stretch> {
  const firstSince = async (time: number) => {
    let low = 0
    let high = size
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const [found] = await statements.at.execute({ place: placeOf(tenant, middle) })
      if (found && found.at < time) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    first: filter.from === undefined ? 0 : await firstSince(filter.from - DISORDER_MS),
    end: filter.to === undefined ? size : await firstSince(filter.to + DISORDER_MS),
  }
}

/** With the person's number in place of the id. */
type NumberedFilter = EventFilter & { person: number | undefined }

async function listEvents(
  db: PostgresDatabase,
  tenant: number,
  filter: NumberedFilter,
  page: Page,
  stretch: Stretch,
): Promise<Listed<StoredEvent>> {
  const selective = isSelective(filter)
  const scanned = scan(db, tenant, filter, stretch, selective ? MAX_SCANNED : page.limit + 1)
  const found = await db
    .select(EVENT)
    .from(scanned)
    .innerJoin(events, eq(events.place, scanned.place))
    .leftJoin(subjects, eq(subjects.no, events.person))
    .where(
      and(
        filter.types && sql`${events.type} = any(${sql.param([...filter.types])})`,
        filter.from === undefined ? undefined : gte(events.at, filter.from),
        filter.to === undefined ? undefined : lt(events.at, filter.to),
      ),
    )
    .orderBy(directed(filter.order)(scanned.place))
    .limit(page.limit + 1)
  const rows = found.map(stored)
  if (rows.length > page.limit || !selective) return cut(rows, page.limit)
  return { rows, next: await scanEnd(db, scanned, filter.order) }
}

/** What is left of a stretch once everything up to `after` was seen. */
function beyond({ first, end }: Stretch, after: number, order: EventFilter['order']): Stretch {
  return order === 'oldest'
    ? { first: Math.max(first, after + 1), end }
    : { first, end: Math.min(end, after) }
}

function directed(order: EventFilter['order']) {
  return order === 'oldest' ? asc : desc
}

/** The entries that an index gives, in order. */
function scan(db: PostgresDatabase, tenant: number, filter: NumberedFilter, stretch: Stretch, limit: number) {
  return db
    .select({ place: events.place })
    .from(events)
    .where(
      and(
        gte(events.place, placeOf(tenant, stretch.first)),
        lt(events.place, placeOf(tenant, stretch.end)),
        filter.person === undefined ? undefined : eq(events.person, filter.person),
        filter.party && eq(events.party, filter.party),
      ),
    )
    .orderBy(directed(filter.order)(events.place))
    .limit(limit)
    .as('scanned')
}

/** Where a scan stopped before its end; null if it came to it. */
async function scanEnd(
  db: PostgresDatabase,
  scanned: ReturnType<typeof scan>,
  order: EventFilter['order'],
): Promise<string | null> {
  const last = order === 'oldest' ? max(scanned.place) : min(scanned.place)
  const [edge] = await db.select({ count: count(), last }).from(scanned)
  return edge && edge.last !== null && edge.count === MAX_SCANNED ? String(indexOf(edge.last)) : null
}

function indexCursor(after: string): number {
  return /^\d{1,15}$/.test(after) ? Number(after) : badCursor()
}

/** Whether entries are passed over one by one, rather than found by an index. */
function isSelective(filter: EventFilter): boolean {
  return filter.types !== undefined || filter.from !== undefined || filter.to !== undefined
}

/** One row more than asked for was read, to know whether another page follows. */
function cut(rows: readonly StoredEvent[], limit: number): Listed<StoredEvent> {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { rows: page, next: rows.length > limit && last ? String(last.index) : null }
}
