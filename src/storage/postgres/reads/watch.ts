import { and, asc, desc, eq, getTableColumns, gt, lt, sql } from 'drizzle-orm'
import { parseId } from '../../../core/id.ts'
import type { Instant } from '../../../core/time.ts'
import type { WatchReads } from '../../../vault/store.ts'
import { aboutKey } from '../../../vault/watch/signal.ts'
import { badCursor } from '../../cursor.ts'
import { placeOf } from '../../log-place.ts'
import { signalOf } from '../../watch-rows.ts'
import type { PostgresDatabase } from '../driver.ts'
import { events, signals, tenants, watchCells, watches } from '../schema/index.ts'
import { among, given } from '../statements.ts'
import type { TenantNumbers } from '../tenants.ts'

const { tenant: _tenant, ...WATCH } = getTableColumns(watches)
const { tenant: _of, ...CELL } = getTableColumns(watchCells)
const { tenant: _whose, alertAt: _due, ...SIGNAL } = getTableColumns(signals)

type OwnReads = Omit<WatchReads, 'findHold' | 'listHolds' | 'listEndedHolds' | 'nextHoldEnd'>

function prepare(db: PostgresDatabase) {
  const limit = sql.placeholder('limit')
  const places = sql.raw(String(placeOf(1, 0)))
  const size = sql`coalesce((
    select ${events.place} - ${tenants.no} * ${places} + 1 from ${events}
    where ${events.place} >= ${tenants.no} * ${places} and ${events.place} < (${tenants.no} + 1) * ${places}
    order by ${events.place} desc limit 1), 0)`
  return {
    watch: db.select(WATCH).from(watches).where(given(watches.tenant)).prepare('watch'),
    cells: db
      .select(CELL)
      .from(watchCells)
      .where(and(given(watchCells.tenant), among(watchCells.key, 'keys')))
      .prepare('watch_cells'),
    stale: db
      .select({ key: watchCells.key })
      .from(watchCells)
      .where(and(given(watchCells.tenant), sql`${watchCells.at} < ${sql.placeholder('before')}`))
      .limit(limit)
      .prepare('watch_stale'),
    behind: db
      .select({ slug: tenants.slug })
      .from(tenants)
      .leftJoin(watches, eq(watches.tenant, tenants.no))
      .where(gt(size, sql`coalesce(${watches.cursor}, 0)`))
      .limit(limit)
      .prepare('watches_behind'),
    signal: db
      .select(SIGNAL)
      .from(signals)
      .where(and(given(signals.tenant), given(signals.id)))
      .prepare('signal'),
    about: db
      .select(SIGNAL)
      .from(signals)
      .where(and(given(signals.tenant), given(signals.detector), given(signals.about)))
      .orderBy(desc(signals.lastAt), desc(signals.id))
      .limit(limit)
      .prepare('signals_about'),
    due: db
      .select({ tenant: tenants.slug, id: signals.id })
      .from(signals)
      .innerJoin(tenants, eq(tenants.no, signals.tenant))
      .where(sql`alert_at is not null and alert_at <= ${sql.placeholder('now')}`)
      .orderBy(asc(signals.alertAt))
      .limit(limit)
      .prepare('alerts_due'),
    next: db
      .select({ at: sql<Instant>`${signals.alertAt}`.mapWith(signals.alertAt) })
      .from(signals)
      .where(sql`alert_at is not null`)
      .orderBy(asc(signals.alertAt))
      .limit(1)
      .prepare('alerts_next'),
  }
}

export function watchReads(db: PostgresDatabase, numbers: TenantNumbers): OwnReads {
  const statements = prepare(db)
  return {
    async findWatch(tenant) {
      const [row] = await statements.watch.execute({ tenant: await numbers.of(tenant) })
      return row
    },
    async findWatchCells(tenant, keys) {
      if (keys.length === 0) return []
      return statements.cells.execute({ tenant: await numbers.of(tenant), keys })
    },
    async listStaleCells(tenant, before, limit) {
      const rows = await statements.stale.execute({ tenant: await numbers.of(tenant), before, limit })
      return rows.map(({ key }) => key)
    },
    async listWatchesBehind(limit) {
      return (await statements.behind.execute({ limit })).map(({ slug }) => slug)
    },
    async findSignal(tenant, id) {
      const [row] = await statements.signal.execute({ tenant: await numbers.of(tenant), id })
      return row && signalOf(row)
    },
    async listSignals(tenant, { state, detector }, page) {
      const after = page.after === undefined ? undefined : (parseId('sig', page.after) ?? badCursor())
      const rows = await db
        .select(SIGNAL)
        .from(signals)
        .where(
          and(
            eq(signals.tenant, await numbers.of(tenant)),
            state === undefined ? undefined : eq(signals.state, state),
            detector === undefined ? undefined : eq(signals.detector, detector),
            after === undefined ? undefined : lt(signals.id, after),
          ),
        )
        .orderBy(desc(signals.id))
        .limit(page.limit + 1)
      const shown = rows.slice(0, page.limit).map(signalOf)
      return { rows: shown, next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null }
    },
    async listSignalsAbout(tenant, detector, about, limit) {
      const asked = { tenant: await numbers.of(tenant), detector, about: aboutKey(about), limit }
      return (await statements.about.execute(asked)).map(signalOf)
    },
    async listDueAlerts(now, limit) {
      return statements.due.execute({ now, limit })
    },
    async nextAlert() {
      const [row] = await statements.next.execute()
      return row?.at
    },
  }
}
