import { and, asc, desc, eq, getTableColumns, isNull, lt, sql } from 'drizzle-orm'
import { parseId } from '../../../core/id.ts'
import type { CanaryReads } from '../../../vault/store.ts'
import { badCursor } from '../../cursor.ts'
import { indexOf, placeOf } from '../../log-place.ts'
import type { SqliteDatabase } from '../driver.ts'
import { canaries, canaryTouches, canaryWalks, events, tenants } from '../schema/index.ts'
import { given } from '../statements.ts'
import type { TenantNumbers } from './tenants.ts'

const { tenant: _tenant, person: _person, ...CANARY } = getTableColumns(canaries)
const { tenant: _of, ...TOUCH } = getTableColumns(canaryTouches)

function prepare(db: SqliteDatabase) {
  const limit = sql.placeholder('limit')
  const own = [given(canaries.tenant), given(canaries.subject)]
  return {
    one: db
      .select(CANARY)
      .from(canaries)
      .where(and(...own))
      .prepare(),
    live: db
      .select({ subject: canaries.subject })
      .from(canaries)
      .where(and(...own, isNull(canaries.retiredAt)))
      .prepare(),
    walks: db
      .select({ tenant: tenants.slug, walked: canaryWalks.walked })
      .from(canaryWalks)
      .innerJoin(tenants, eq(tenants.no, canaryWalks.tenant))
      .prepare(),
    // Canaries first, each with its own stretch of the index on persons: what this costs does not grow with the log.
    about: db
      .select({ place: events.place, id: events.id, subject: canaries.subject, bytes: events.bytes })
      .from(canaries)
      .crossJoin(events)
      .where(
        and(
          given(canaries.tenant),
          isNull(canaries.retiredAt),
          eq(events.person, canaries.person),
          sql`${events.place} between ${sql.placeholder('first')} and ${sql.placeholder('last')}`,
        ),
      )
      .orderBy(asc(events.place))
      .limit(limit)
      .prepare(),
    touches: db
      .select(TOUCH)
      .from(canaryTouches)
      .where(given(canaryTouches.tenant))
      .orderBy(asc(canaryTouches.event))
      .limit(limit)
      .prepare(),
  }
}

export function canaryReads(db: SqliteDatabase, numbers: TenantNumbers): CanaryReads {
  const statements = prepare(db)
  return {
    async findCanary(tenant, subject) {
      return statements.one.get({ tenant: numbers.of(tenant), subject })
    },
    async whichCanaries(tenant, subjects) {
      const no = numbers.of(tenant)
      return subjects.filter((subject) => statements.live.get({ tenant: no, subject }) !== undefined)
    },
    async listCanaries(tenant, { party }, page) {
      const after = page.after === undefined ? undefined : (parseId('sub', page.after) ?? badCursor())
      const rows = db
        .select(CANARY)
        .from(canaries)
        .where(
          and(
            eq(canaries.tenant, numbers.of(tenant)),
            party === undefined ? undefined : eq(canaries.party, party),
            after === undefined ? undefined : lt(canaries.subject, after),
          ),
        )
        .orderBy(desc(canaries.subject))
        .limit(page.limit + 1)
        .all()
      const shown = rows.slice(0, page.limit)
      return { rows: shown, next: rows.length > page.limit ? (shown.at(-1)?.subject ?? null) : null }
    },
    async listCanaryWalks() {
      return statements.walks.all()
    },
    async listCanaryEvents(tenant, { from, to }, limit) {
      const no = numbers.of(tenant)
      const bounds = { first: placeOf(no, from), last: placeOf(no, to) - 1, limit }
      const rows = statements.about.all({ tenant: no, ...bounds })
      return rows.map(({ place, ...row }) => ({ index: indexOf(place), ...row }))
    },
    async listCanaryTouches(tenant, limit) {
      return statements.touches.all({ tenant: numbers.of(tenant), limit })
    },
  }
}
