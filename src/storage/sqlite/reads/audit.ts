import { and, asc, count, desc, eq, gte, inArray, lt, max, min } from 'drizzle-orm'
import type { Instant } from '../../../core/time.ts'
import { DISORDER_MS } from '../../../vault/audit/event.ts'
import type { StoredEvent } from '../../../vault/audit/event.ts'
import type { AuditReads, EventFilter, Listed, Page } from '../../../vault/store.ts'
import type { SqliteDatabase } from '../driver.ts'
import { indexOf, placeOf, tenantOf } from '../../log-place.ts'
import type { PersonNumbers } from '../row-numbers.ts'
import { events, subjects } from '../schema/index.ts'
import { given, within } from '../statements.ts'
import { badCursor } from '../../cursor.ts'
import type { TenantNumbers } from './tenants.ts'

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

/** The newest event of a tenant's log: the next one's place follows from it. */
export function lastEvent(
  db: SqliteDatabase,
): (tenant: number) => { index: number; at: Instant } | undefined {
  const newest = db
    .select({ place: events.place, at: events.at })
    .from(events)
    .where(within(events.place))
    .orderBy(desc(events.place))
    .limit(1)
    .prepare()
  return (tenant) => {
    const found = newest.get({ first: placeOf(tenant, 0), last: placeOf(tenant + 1, 0) - 1 })
    return found && { index: indexOf(found.place), at: found.at }
  }
}

type EventRow = Omit<StoredEvent, 'index'> & { place: number }

function stored({ place, ...event }: EventRow): StoredEvent {
  return { index: indexOf(place), ...event }
}

export function auditReads(db: SqliteDatabase, numbers: TenantNumbers, persons: PersonNumbers): AuditReads {
  const statements = {
    event: db
      .select(EVENT)
      .from(events)
      .leftJoin(subjects, eq(subjects.no, events.person))
      .where(given(events.id))
      .prepare(),
  }
  const stretchOf = timeSearch(db)
  const last = lastEvent(db)
  const head = (tenant: number) => {
    const found = last(tenant)
    return found ? { size: found.index + 1, lastAt: found.at } : { size: 0, lastAt: null }
  }
  return {
    async findEvent(tenant, id) {
      const row = statements.event.get({ id })
      return row && tenantOf(row.place) === numbers.of(tenant) ? stored(row) : undefined
    },
    async listEvents(tenant, filter, page) {
      const no = numbers.of(tenant)
      const person = filter.subject === undefined ? undefined : persons.peek(no, filter.subject)
      if (filter.subject !== undefined && person === undefined) return { rows: [], next: null }
      return listEvents(db, no, { ...filter, person }, page, stretchOf(no, head(no).size, filter))
    },
    async logHead(tenant) {
      return head(numbers.of(tenant))
    },
  }
}

/** A part of the log: from index `first` up to and without `end`. */
type Stretch = { first: number; end: number }

/** Finds by bisection the part of a log in which events of a time can lie; whoever reads it still compares each `at`. */
export function timeSearch(db: SqliteDatabase) {
  const at = db.select({ at: events.at }).from(events).where(given(events.place)).prepare()
  const firstSince = (tenant: number, size: number, time: number) => {
    let low = 0
    let high = size
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const found = at.get({ place: placeOf(tenant, middle) })
      if (found && found.at < time) low = middle + 1
      else high = middle
    }
    return low
  }
  return (tenant: number, size: number, filter: { from?: Instant; to?: Instant }): Stretch => ({
    first: filter.from === undefined ? 0 : firstSince(tenant, size, filter.from - DISORDER_MS),
    end: filter.to === undefined ? size : firstSince(tenant, size, filter.to + DISORDER_MS),
  })
}

/** With the person's number in place of the id. */
type NumberedFilter = EventFilter & { person: number | undefined }

function listEvents(
  db: SqliteDatabase,
  tenant: number,
  filter: NumberedFilter,
  page: Page,
  stretch: Stretch,
): Listed<StoredEvent> {
  const rest = page.after === undefined ? stretch : beyond(stretch, indexCursor(page.after), filter.order)
  const selective = isSelective(filter)
  const scanned = scan(db, tenant, filter, rest, selective ? MAX_SCANNED : page.limit + 1)
  const rows = db
    .select(EVENT)
    .from(scanned)
    .innerJoin(events, eq(events.place, scanned.place))
    .leftJoin(subjects, eq(subjects.no, events.person))
    .where(
      and(
        filter.types && inArray(events.type, [...filter.types]),
        filter.from === undefined ? undefined : gte(events.at, filter.from),
        filter.to === undefined ? undefined : lt(events.at, filter.to),
      ),
    )
    .orderBy(directed(filter.order)(scanned.place))
    .limit(page.limit + 1)
    .all()
    .map(stored)
  if (rows.length > page.limit || !selective) return cut(rows, page.limit)
  return { rows, next: scanEnd(db, scanned, filter.order) }
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
function scan(db: SqliteDatabase, tenant: number, filter: NumberedFilter, stretch: Stretch, limit: number) {
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
function scanEnd(
  db: SqliteDatabase,
  scanned: ReturnType<typeof scan>,
  order: EventFilter['order'],
): string | null {
  const last = order === 'oldest' ? max(scanned.place) : min(scanned.place)
  const edge = db.select({ count: count(), last }).from(scanned).get()
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
