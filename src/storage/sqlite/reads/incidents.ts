import { and, asc, desc, eq, getTableColumns, isNotNull, lt, sql } from 'drizzle-orm'
import { parseId } from '../../../core/id.ts'
import type { Instant } from '../../../core/time.ts'
import type { IncidentReads } from '../../../vault/store.ts'
import { badCursor } from '../../cursor.ts'
import type { SqliteDatabase } from '../driver.ts'
import { incidents, notes, tenants } from '../schema/index.ts'
import type { TenantNumbers } from './tenants.ts'

const { tenant: _tenant, containing: _containing, ...INCIDENT } = getTableColumns(incidents)

type OwnReads = Pick<
  IncidentReads,
  'findIncident' | 'listIncidents' | 'listContaining' | 'listChecks' | 'listNotesAbout'
>

export function incidentReads(db: SqliteDatabase, numbers: TenantNumbers): OwnReads {
  const containing = db
    .select({ tenant: tenants.slug, id: incidents.id })
    .from(incidents)
    .innerJoin(tenants, eq(tenants.no, incidents.tenant))
    .where(sql`containing = 1`)
    .limit(sql.placeholder('limit'))
    .prepare()
  const checks = db
    .select({
      tenant: tenants.slug,
      id: incidents.id,
      at: sql<Instant>`${incidents.checkAt}`.mapWith(incidents.checkAt),
    })
    .from(incidents)
    .innerJoin(tenants, eq(tenants.no, incidents.tenant))
    .where(isNotNull(incidents.checkAt))
    .orderBy(asc(incidents.checkAt))
    .limit(sql.placeholder('limit'))
    .prepare()
  return {
    async findIncident(tenant, id) {
      const own = and(eq(incidents.tenant, numbers.of(tenant)), eq(incidents.id, id))
      return db.select(INCIDENT).from(incidents).where(own).get()
    },
    async listIncidents(tenant, page) {
      const after = page.after === undefined ? undefined : (parseId('inc', page.after) ?? badCursor())
      const rows = db
        .select(INCIDENT)
        .from(incidents)
        .where(
          and(
            eq(incidents.tenant, numbers.of(tenant)),
            after === undefined ? undefined : lt(incidents.id, after),
          ),
        )
        .orderBy(desc(incidents.id))
        .limit(page.limit + 1)
        .all()
      const shown = rows.slice(0, page.limit)
      return { rows: shown, next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null }
    },
    async listContaining(limit) {
      return containing.all({ limit })
    },
    async listChecks(limit) {
      return checks.all({ limit })
    },
    async listNotesAbout(tenant, about) {
      return db
        .select({ sealed: notes.sealed, at: notes.at })
        .from(notes)
        .where(and(eq(notes.tenant, numbers.of(tenant)), eq(notes.about, about)))
        .orderBy(asc(notes.no))
        .all()
    },
  }
}
