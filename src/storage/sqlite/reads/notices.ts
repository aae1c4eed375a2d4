import { and, asc, desc, eq, getTableColumns, inArray, lt, sql } from 'drizzle-orm'
import { parseId } from '../../../core/id.ts'
import type { Instant } from '../../../core/time.ts'
import type { NoticeReads } from '../../../vault/store.ts'
import { badCursor } from '../../cursor.ts'
import type { SqliteDatabase } from '../driver.ts'
import { noticeDeliveries, notices, subjects, tenants } from '../schema/index.ts'
import { given } from '../statements.ts'
import type { TenantNumbers } from './tenants.ts'

const { tenant: _tenant, atWork: _atWork, ...NOTICE } = getTableColumns(notices)
const { tenant: _of, notice: _notice, ...DELIVERY } = getTableColumns(noticeDeliveries)

function prepare(db: SqliteDatabase) {
  const rows = noticeDeliveries
  const limit = sql.placeholder('limit')
  const ofNotice = () => [given(rows.tenant), given(rows.notice)]
  return {
    notice: db
      .select(NOTICE)
      .from(notices)
      .where(and(given(notices.tenant), given(notices.id)))
      .prepare(),
    atWork: db
      .select({ tenant: tenants.slug, id: notices.id })
      .from(notices)
      .innerJoin(tenants, eq(tenants.no, notices.tenant))
      .where(sql`at_work = 1`)
      .orderBy(asc(notices.id))
      .limit(limit)
      .prepare(),
    due: db
      .select(DELIVERY)
      .from(rows)
      .where(and(...ofNotice(), sql`next_at is not null`, sql`next_at <= ${sql.placeholder('now')}`))
      .orderBy(asc(rows.nextAt))
      .limit(limit)
      .prepare(),
    next: db
      .select({ nextAt: rows.nextAt })
      .from(rows)
      .where(and(...ofNotice(), sql`next_at is not null`))
      .orderBy(asc(rows.nextAt))
      .limit(1)
      .prepare(),
    one: db
      .select(DELIVERY)
      .from(rows)
      .where(and(...ofNotice(), given(rows.recipient)))
      .prepare(),
    list: db
      .select(DELIVERY)
      .from(rows)
      .where(and(...ofNotice(), sql`${rows.recipient} > ${sql.placeholder('after')}`))
      .orderBy(asc(rows.recipient))
      .limit(limit)
      .prepare(),
    counts: db
      .select({ state: rows.state, count: sql<number>`count(*)` })
      .from(rows)
      .where(and(...ofNotice()))
      .groupBy(rows.state)
      .prepare(),
    span: db
      .select({ first: sql<Instant | null>`min(${rows.at})`, last: sql<Instant | null>`max(${rows.at})` })
      .from(rows)
      .where(and(...ofNotice(), inArray(rows.state, ['sent', 'delivered'])))
      .prepare(),
    // Few notices, and of each one row found by its key.
    to: db
      .select({ notice: NOTICE, delivery: DELIVERY })
      .from(subjects)
      .innerJoin(notices, and(eq(notices.tenant, subjects.tenant), eq(notices.audience, 'persons')))
      .innerJoin(
        rows,
        and(eq(rows.tenant, subjects.tenant), eq(rows.notice, notices.id), eq(rows.recipient, subjects.no)),
      )
      .where(and(given(subjects.tenant), given(subjects.id)))
      .orderBy(desc(notices.id))
      .limit(limit)
      .prepare(),
  }
}

export function noticeReads(db: SqliteDatabase, numbers: TenantNumbers): NoticeReads {
  const statements = prepare(db)
  return {
    async findNotice(tenant, id) {
      return statements.notice.get({ tenant: numbers.of(tenant), id })
    },
    async listNotices(tenant, incident, page) {
      const after = page.after === undefined ? undefined : (parseId('ntc', page.after) ?? badCursor())
      const rows = db
        .select(NOTICE)
        .from(notices)
        .where(
          and(
            eq(notices.tenant, numbers.of(tenant)),
            incident === null ? undefined : eq(notices.incident, incident),
            after === undefined ? undefined : lt(notices.id, after),
          ),
        )
        .orderBy(desc(notices.id))
        .limit(page.limit + 1)
        .all()
      const shown = rows.slice(0, page.limit)
      return { rows: shown, next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null }
    },
    async listNoticesAtWork(limit) {
      return statements.atWork.all({ limit })
    },
    async listDueDeliveries(tenant, notice, now, limit) {
      return statements.due.all({ tenant: numbers.of(tenant), notice, now, limit })
    },
    async nextDelivery(tenant, notice) {
      return statements.next.get({ tenant: numbers.of(tenant), notice })?.nextAt ?? undefined
    },
    async findDelivery(tenant, notice, recipient) {
      return statements.one.get({ tenant: numbers.of(tenant), notice, recipient })
    },
    async listDeliveries(tenant, notice, after, limit) {
      return statements.list.all({ tenant: numbers.of(tenant), notice, after, limit })
    },
    async countDeliveries(tenant, notice) {
      const counted = statements.counts.all({ tenant: numbers.of(tenant), notice })
      return Object.fromEntries(counted.map(({ state, count }) => [state, count]))
    },
    async findSentSpan(tenant, notice) {
      const { first, last } = statements.span.get({ tenant: numbers.of(tenant), notice }) ?? {}
      return first && last ? { first, last } : undefined
    },
    async listNoticesTo(tenant, subject, limit) {
      return statements.to.all({ tenant: numbers.of(tenant), id: subject, limit })
    },
  }
}
