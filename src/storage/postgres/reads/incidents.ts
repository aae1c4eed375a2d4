import { and, asc, desc, eq, getTableColumns, isNotNull, lt, sql } from 'drizzle-orm'
import { parseId } from '../../../core/id.ts'
import type { Instant } from '../../../core/time.ts'
import type { IncidentReads } from '../../../vault/store.ts'
import { badCursor } from '../../cursor.ts'
import type { PostgresDatabase } from '../driver.ts'
import { incidents, notes, tenants } from '../schema/index.ts'
import { given } from '../statements.ts'
import type { TenantNumbers } from '../tenants.ts'

const { tenant: _tenant, containing: _containing, ...INCIDENT } = getTableColumns(incidents)

type OwnReads = Pick<
  IncidentReads,
  'findIncident' | 'listIncidents' | 'listContaining' | 'listChecks' | 'listNotesAbout'
>

function prepare(db: PostgresDatabase) {
  return {
    incident: db
      .select(INCIDENT)
      .from(incidents)
      .where(and(given(incidents.tenant), given(incidents.id)))
      .prepare('incident'),
    containing: db
      .select({ tenant: tenants.slug, id: incidents.id })
      .from(incidents)
      .innerJoin(tenants, eq(tenants.no, incidents.tenant))
      .where(eq(incidents.containing, true))
      .limit(sql.placeholder('limit'))
      .prepare('incidents_containing'),
    checks: db
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
      .prepare('incidents_checks'),
    about: db
      .select({ sealed: notes.sealed, at: notes.at })
      .from(notes)
      .where(and(given(notes.tenant), given(notes.about)))
      .orderBy(asc(notes.no))
      .prepare('notes_about'),
  }
}

export function incidentReads(db: PostgresDatabase, numbers: TenantNumbers): OwnReads {
  const statements = prepare(db)
  return {
    async findIncident(tenant, id) {
      const [row] = await statements.incident.execute({ tenant: await numbers.of(tenant), id })
      return row
    },
    async listIncidents(tenant, page) {
      const after = page.after === undefined ? undefined : (parseId('inc', page.after) ?? badCursor())
      const own = eq(incidents.tenant, await numbers.of(tenant))
      const rows = await db
        .select(INCIDENT)
        .from(incidents)
        .where(and(own, after === undefined ? undefined : lt(incidents.id, after)))
        .orderBy(desc(incidents.id))
        .limit(page.limit + 1)
      const shown = rows.slice(0, page.limit)
      return { rows: shown, next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null }
    },
    async listContaining(limit) {
      return statements.containing.execute({ limit })
    },
    async listChecks(limit) {
      return statements.checks.execute({ limit })
    },
    async listNotesAbout(tenant, about) {
      return statements.about.execute({ tenant: await numbers.of(tenant), about })
    },
  }
}
