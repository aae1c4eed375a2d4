import { and, asc, desc, eq, getTableColumns, isNull, lt, sql } from 'drizzle-orm'
import { parseId } from '../../../core/id.ts'
import type { SubjectId } from '../../../core/id.ts'
import type { CanaryReads } from '../../../vault/store.ts'
import { badCursor } from '../../cursor.ts'
import { indexOf, placeOf } from '../../log-place.ts'
import type { PostgresDatabase } from '../driver.ts'
import { canaries, canaryTouches, canaryWalks, events, tenants } from '../schema/index.ts'
import type { Share } from '../shared-reads.ts'
import { among, given, within } from '../statements.ts'
import type { TenantNumbers } from '../tenants.ts'

const { tenant: _tenant, person: _person, ...CANARY } = getTableColumns(canaries)
const { tenant: _of, ...TOUCH } = getTableColumns(canaryTouches)

function prepare(db: PostgresDatabase) {
  const limit = sql.placeholder('limit')
  return {
    one: db
      .select(CANARY)
      .from(canaries)
      .where(and(given(canaries.tenant), given(canaries.subject)))
      .prepare('canary'),
    live: db
      .select({ subject: canaries.subject })
      .from(canaries)
      .where(and(given(canaries.tenant), among(canaries.subject, 'subjects'), isNull(canaries.retiredAt)))
      .prepare('canaries_live'),
    walks: db
      .select({ tenant: tenants.slug, walked: canaryWalks.walked })
      .from(canaryWalks)
      .innerJoin(tenants, eq(tenants.no, canaryWalks.tenant))
      .prepare('canary_walks'),
    about: db
      .select({ place: events.place, id: events.id, subject: canaries.subject, bytes: events.bytes })
      .from(canaries)
      .innerJoin(events, eq(events.person, canaries.person))
      .where(and(given(canaries.tenant), isNull(canaries.retiredAt), within(events.place)))
      .orderBy(asc(events.place))
      .limit(limit)
      .prepare('canary_events'),
    touches: db
      .select(TOUCH)
      .from(canaryTouches)
      .where(given(canaryTouches.tenant))
      .orderBy(asc(canaryTouches.event))
      .limit(limit)
      .prepare('canary_touches'),
  }
}

export function canaryReads(db: PostgresDatabase, numbers: TenantNumbers, share: Share): CanaryReads {
  const statements = prepare(db)
  const live = share<SubjectId, { subject: SubjectId }>({
    read: (tenant, subjects) => statements.live.execute({ tenant, subjects }),
    ofAsk: (subject) => subject,
    ofRow: ({ subject }) => subject,
  })
  return {
    async findCanary(tenant, subject) {
      const [row] = await statements.one.execute({ tenant: await numbers.of(tenant), subject })
      return row
    },
    async whichCanaries(tenant, subjects) {
      if (subjects.length === 0) return []
      return (await live(await numbers.of(tenant), subjects)).map(({ subject }) => subject)
    },
    async listCanaries(tenant, { party }, page) {
      const after = page.after === undefined ? undefined : (parseId('sub', page.after) ?? badCursor())
      const rows = await db
        .select(CANARY)
        .from(canaries)
        .where(
          and(
            eq(canaries.tenant, await numbers.of(tenant)),
            party === undefined ? undefined : eq(canaries.party, party),
            after === undefined ? undefined : lt(canaries.subject, after),
          ),
        )
        .orderBy(desc(canaries.subject))
        .limit(page.limit + 1)
      const shown = rows.slice(0, page.limit)
      return { rows: shown, next: rows.length > page.limit ? (shown.at(-1)?.subject ?? null) : null }
    },
    async listCanaryWalks() {
      return statements.walks.execute()
    },
    async listCanaryEvents(tenant, { from, to }, limit) {
      const no = await numbers.of(tenant)
      const bounds = { first: placeOf(no, from), last: placeOf(no, to) - 1, limit }
      const rows = await statements.about.execute({ tenant: no, ...bounds })
      return rows.map(({ place, ...row }) => ({ index: indexOf(place), ...row }))
    },
    async listCanaryTouches(tenant, limit) {
      return statements.touches.execute({ tenant: await numbers.of(tenant), limit })
    },
  }
}
