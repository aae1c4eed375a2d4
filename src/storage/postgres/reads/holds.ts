import { and, asc, desc, eq, getTableColumns, isNull, lt, sql } from 'drizzle-orm'
import { parseId } from '../../../core/id.ts'
import type { SuspectId } from '../../../vault/incidents/incident.ts'
import { isLive } from '../../../vault/watch/hold.ts'
import type { WatchReads, IncidentReads } from '../../../vault/store.ts'
import { badCursor } from '../../cursor.ts'
import type { PostgresDatabase } from '../driver.ts'
import { holds, riskHolds, tenants } from '../schema/index.ts'
import type { Share } from '../shared-reads.ts'
import { among, given } from '../statements.ts'
import type { TenantNumbers } from '../tenants.ts'

const { tenant: _tenant, ...HELD } = getTableColumns(holds)
const { tenant: _of, ...HOLD } = getTableColumns(riskHolds)

type HoldReads = Pick<WatchReads, 'findHold' | 'listHolds' | 'listEndedHolds' | 'nextHoldEnd'> &
  Pick<IncidentReads, 'findHolds'>

function prepare(db: PostgresDatabase) {
  const ending = sql`cleared_at is null and until is not null`
  return {
    held: db
      .select(HELD)
      .from(holds)
      .where(and(given(holds.tenant), among(holds.suspect, 'suspects')))
      .prepare('holds'),
    hold: db
      .select(HOLD)
      .from(riskHolds)
      .where(and(given(riskHolds.tenant), given(riskHolds.id)))
      .prepare('risk_hold'),
    ended: db
      .select({ tenant: tenants.slug, id: riskHolds.id })
      .from(riskHolds)
      .innerJoin(tenants, eq(tenants.no, riskHolds.tenant))
      .where(and(ending, sql`until <= ${sql.placeholder('now')}`))
      .orderBy(asc(riskHolds.until))
      .limit(sql.placeholder('limit'))
      .prepare('risk_holds_ended'),
    next: db
      .select({ until: riskHolds.until })
      .from(riskHolds)
      .where(ending)
      .orderBy(asc(riskHolds.until))
      .limit(1)
      .prepare('risk_holds_next'),
  }
}

export function holdReads(db: PostgresDatabase, numbers: TenantNumbers, share: Share): HoldReads {
  const statements = prepare(db)
  const held = share({
    read: (tenant, suspects: readonly SuspectId[]) => statements.held.execute({ tenant, suspects }),
    ofAsk: (suspect) => suspect,
    ofRow: ({ suspect }) => suspect,
  })
  return {
    async findHolds(tenant, suspects, now) {
      const rows = await held(await numbers.of(tenant), suspects)
      return rows.filter((one) => isLive(one, now))
    },
    async findHold(tenant, id) {
      const [row] = await statements.hold.execute({ tenant: await numbers.of(tenant), id })
      return row
    },
    async listHolds(tenant, { active }, page) {
      const after = page.after === undefined ? undefined : (parseId('hld', page.after) ?? badCursor())
      const rows = await db
        .select(HOLD)
        .from(riskHolds)
        .where(
          and(
            eq(riskHolds.tenant, await numbers.of(tenant)),
            active ? isNull(riskHolds.clearedAt) : undefined,
            after === undefined ? undefined : lt(riskHolds.id, after),
          ),
        )
        .orderBy(desc(riskHolds.id))
        .limit(page.limit + 1)
      const shown = rows.slice(0, page.limit)
      return { rows: shown, next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null }
    },
    async listEndedHolds(now, limit) {
      return statements.ended.execute({ now, limit })
    },
    async nextHoldEnd() {
      const [row] = await statements.next.execute()
      return row?.until ?? undefined
    },
  }
}
