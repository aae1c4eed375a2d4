import { not, exists, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import { isContaining } from '../../../vault/incidents/incident.ts'
import type { PostgresDatabase } from '../driver.ts'
import { holds, incidents } from '../schema/index.ts'
import { DONE, all, among, arg, given, must, rowArgs, statement } from '../statements.ts'
import type { Apply } from './list.ts'

type IncidentChange = Extract<Change, { type: 'expect.unheld' | `incident.${string}` | `hold.${string}` }>

function prepare(db: PostgresDatabase) {
  const { kind, state, severity, occurredFrom, occurredTo, suspects, containment, containing, steps } =
    incidents
  const held = db
    .select(DONE)
    .from(holds)
    .where(all(given(holds.tenant), among(holds.suspect, 'suspects')))
  const put = db
    .update(incidents)
    .set({
      kind: arg(kind),
      state: arg(state),
      severity: arg(severity),
      occurredFrom: arg(occurredFrom),
      occurredTo: arg(occurredTo),
      suspects: arg(suspects),
      containment: arg(containment),
      containing: arg(containing),
      steps: arg(steps),
      version: arg(incidents.version),
    })
    .where(all(given(incidents.tenant), given(incidents.id), given(incidents.version, 'expected')))
    .returning(DONE)
  return {
    unheld: must(
      db
        .select(DONE)
        .from(sql`(select 1) as one`)
        .where(not(exists(held))),
    ),
    insert: statement(db.insert(incidents).values(rowArgs(incidents))),
    put: must(put),
    hold: statement(db.insert(holds).values(rowArgs(holds)).onConflictDoNothing()),
    lift: statement(db.delete(holds).where(all(given(holds.tenant), given(holds.incident)))),
  }
}

export function incidentApplier(db: PostgresDatabase): Apply<IncidentChange> {
  const statements = prepare(db)
  return (change, { tenant }) => {
    switch (change.type) {
      case 'expect.unheld':
        return [statements.unheld({ tenant, suspects: change.suspects })]
      case 'incident.insert': {
        const { incident } = change
        return [statements.insert({ tenant, ...incident, containing: isContaining(incident) })]
      }
      case 'incident.put': {
        const { incident, expectedVersion: expected } = change
        const { occurredFrom: occurred_from, occurredTo: occurred_to, ...row } = incident
        const moved = { version: expected + 1, containing: isContaining(incident) }
        return [statements.put({ tenant, ...row, occurred_from, occurred_to, ...moved, expected })]
      }
      case 'hold.put':
        return change.suspects.map((suspect) =>
          statements.hold({ tenant, suspect, incident: change.incident }),
        )
      case 'hold.lift':
        return [statements.lift({ tenant, incident: change.incident })]
      default:
        return unreachable(change)
    }
  }
}
