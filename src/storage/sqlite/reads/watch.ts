import { and, asc, desc, eq, getTableColumns, gt, lt, sql } from 'drizzle-orm'
import { parseId } from '../../../core/id.ts'
import type { Instant } from '../../../core/time.ts'
import type { WatchReads } from '../../../vault/store.ts'
import { aboutKey } from '../../../vault/watch/signal.ts'
import { badCursor } from '../../cursor.ts'
import { placeOf } from '../../log-place.ts'
import { signalOf } from '../../watch-rows.ts'
import type { SqliteDatabase } from '../driver.ts'
import { events, signals, tenants, watchCells, watches } from '../schema/index.ts'
import { given } from '../statements.ts'
import type { TenantNumbers } from './tenants.ts'

const { tenant: _tenant, ...WATCH } = getTableColumns(watches)
const { tenant: _of, ...CELL } = getTableColumns(watchCells)
const { tenant: _whose, alertAt: _due, ...SIGNAL } = getTableColumns(signals)

type OwnReads = Omit<WatchReads, 'findHold' | 'listHolds' | 'listEndedHolds' | 'nextHoldEnd'>

function prepare(db: SqliteDatabase) {
  const limit = sql.placeholder('limit')
  const places = sql.raw(String(placeOf(1, 0)))
  const size = sql`coalesce((
    select ${events.place} - ${tenants.no} * ${places} + 1 from ${events}
    where ${events.place} >= ${tenants.no} * ${places} and ${events.place} < (${tenants.no} + 1) * ${places}
    order by ${events.place} desc limit 1), 0)`
  return {
    watch: db.select(WATCH).from(watches).where(given(watches.tenant)).prepare(),
    cell: db
      .select(CELL)
      .from(watchCells)
      .where(and(given(watchCells.tenant), given(watchCells.key)))
      .prepare(),
    stale: db
      .select({ key: watchCells.key })
      .from(watchCells)
      .where(and(given(watchCells.tenant), sql`${watchCells.at} < +${sql.placeholder('before')}`))
      .limit(limit)
      .prepare(),
    behind: db
      .select({ slug: tenants.slug })
      .from(tenants)
      .leftJoin(watches, eq(watches.tenant, tenants.no))
      .where(gt(size, sql`coalesce(${watches.cursor}, 0)`))
      .limit(limit)
      .prepare(),
    signal: db
      .select(SIGNAL)
      .from(signals)
      .where(and(given(signals.tenant), given(signals.id)))
      .prepare(),
    about: db
      .select(SIGNAL)
      .from(signals)
      .where(and(given(signals.tenant), given(signals.detector), given(signals.about)))
      .orderBy(desc(signals.lastAt), desc(signals.id))
      .limit(limit)
      .prepare(),
    due: db
      .select({ tenant: tenants.slug, id: signals.id })
      .from(signals)
      .innerJoin(tenants, eq(tenants.no, signals.tenant))
      .where(sql`alert_at is not null and alert_at <= ${sql.placeholder('now')}`)
      .orderBy(asc(signals.alertAt))
      .limit(limit)
      .prepare(),
    next: db
      .select({ at: sql<Instant>`alert_at` })
      .from(signals)
      .where(sql`alert_at is not null`)
      .orderBy(asc(signals.alertAt))
      .limit(1)
      .prepare(),
  }
}

export function watchReads(db: SqliteDatabase, numbers: TenantNumbers): OwnReads {
  const statements = prepare(db)
  return {
    async findWatch(tenant) {
      return statements.watch.get({ tenant: numbers.of(tenant) })
    },
    async findWatchCells(tenant, keys) {
      const no = numbers.of(tenant)
      return keys.flatMap((key) => statements.cell.get({ tenant: no, key }) ?? [])
    },
    async listStaleCells(tenant, before, limit) {
      return statements.stale.all({ tenant: numbers.of(tenant), before, limit }).map(({ key }) => key)
    },
    async listWatchesBehind(limit) {
      return statements.behind.all({ limit }).map(({ slug }) => slug)
    },
    async findSignal(tenant, id) {
      const row = statements.signal.get({ tenant: numbers.of(tenant), id })
      return row && signalOf(row)
    },
    async listSignals(tenant, { state, detector }, page) {
      const after = page.after === undefined ? undefined : (parseId('sig', page.after) ?? badCursor())
      const rows = db
        .select(SIGNAL)
        .from(signals)
        .where(
          and(
            eq(signals.tenant, numbers.of(tenant)),
            state === undefined ? undefined : eq(signals.state, state),
            detector === undefined ? undefined : eq(signals.detector, detector),
            after === undefined ? undefined : lt(signals.id, after),
          ),
        )
        .orderBy(desc(signals.id))
        .limit(page.limit + 1)
        .all()
      const shown = rows.slice(0, page.limit).map(signalOf)
      return { rows: shown, next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null }
    },
    async listSignalsAbout(tenant, detector, about, limit) {
      const asked = { tenant: numbers.of(tenant), detector, about: aboutKey(about), limit }
      return statements.about.all(asked).map(signalOf)
    },
    async listDueAlerts(now, limit) {
      return statements.due.all({ now, limit })
    },
    async nextAlert() {
      return statements.next.get()?.at
    },
  }
}
