import { and, asc, desc, eq, getTableColumns, isNull, lt, sql } from 'drizzle-orm'
import { parseId } from '../../../core/id.ts'
import { isLive } from '../../../vault/watch/hold.ts'
import type { WatchReads, IncidentReads } from '../../../vault/store.ts'
import { badCursor } from '../../cursor.ts'
import type { Basis } from '../basis.ts'
import type { SqliteDatabase } from '../driver.ts'
import { holds, riskHolds, tenants } from '../schema/index.ts'
import { given } from '../statements.ts'
import type { TenantNumbers } from './tenants.ts'

const { tenant: _tenant, ...HELD } = getTableColumns(holds)
const { tenant: _of, ...HOLD } = getTableColumns(riskHolds)

type HoldReads = Pick<WatchReads, 'findHold' | 'listHolds' | 'listEndedHolds' | 'nextHoldEnd'> &
  Pick<IncidentReads, 'findHolds'>

function prepare(db: SqliteDatabase) {
  const ending = sql`cleared_at is null and until is not null`
  return {
    held: db.select(HELD).from(holds).where(given(holds.tenant)).prepare(),
    hold: db
      .select(HOLD)
      .from(riskHolds)
      .where(and(given(riskHolds.tenant), given(riskHolds.id)))
      .prepare(),
    ended: db
      .select({ tenant: tenants.slug, id: riskHolds.id })
      .from(riskHolds)
      .innerJoin(tenants, eq(tenants.no, riskHolds.tenant))
      .where(and(ending, sql`until <= ${sql.placeholder('now')}`))
      .orderBy(asc(riskHolds.until))
      .limit(sql.placeholder('limit'))
      .prepare(),
    next: db
      .select({ until: riskHolds.until })
      .from(riskHolds)
      .where(ending)
      .orderBy(asc(riskHolds.until))
      .limit(1)
      .prepare(),
  }
}

export function holdReads(db: SqliteDatabase, numbers: TenantNumbers, basis: Basis): HoldReads {
  const statements = prepare(db)
  return {
    async findHolds(tenant, suspects, now) {
      const all = basis.remember(tenant, 'holds', () =>
        Map.groupBy(statements.held.all({ tenant: numbers.of(tenant) }), ({ suspect }) => suspect),
      )
      if (!all || all.size === 0) return []
      return suspects.flatMap((suspect) => (all.get(suspect) ?? []).filter((held) => isLive(held, now)))
    },
    async findHold(tenant, id) {
      return statements.hold.get({ tenant: numbers.of(tenant), id })
    },
    async listHolds(tenant, { active }, page) {
      const after = page.after === undefined ? undefined : (parseId('hld', page.after) ?? badCursor())
      const rows = db
        .select(HOLD)
        .from(riskHolds)
        .where(
          and(
            eq(riskHolds.tenant, numbers.of(tenant)),
            active ? isNull(riskHolds.clearedAt) : undefined,
            after === undefined ? undefined : lt(riskHolds.id, after),
          ),
        )
        .orderBy(desc(riskHolds.id))
        .limit(page.limit + 1)
        .all()
      const shown = rows.slice(0, page.limit)
      return { rows: shown, next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null }
    },
    async listEndedHolds(now, limit) {
      return statements.ended.all({ now, limit })
    },
    async nextHoldEnd() {
      return statements.next.get()?.until ?? undefined
    },
  }
}
