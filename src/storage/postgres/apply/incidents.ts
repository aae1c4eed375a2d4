import { sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import { isContaining } from '../../../vault/incidents/incident.ts'
import type { PostgresDatabase } from '../driver.ts'
import { holds, incidents } from '../schema/index.ts'
import { DONE, all, arg, given, must, rowArgs, statement } from '../statements.ts'
import { overRows } from '../rows.ts'
import type { Apply } from './list.ts'

type IncidentChange = Extract<Change, { type: 'expect.unheld' | `incident.${string}` | `hold.${string}` }>

/** None may be there: so a hold that is added changes what this finds, and says that it `changes` the table. */
function unheld() {
  const columns = { tenant: holds.tenant, suspect: holds.suspect }
  return overRows(
    columns,
    { reads: [holds] },
    (given, row) => sql`select cloakroom_must((not exists (select from ${given}
      join ${holds} on ${holds.tenant} = ${row.tenant} and ${holds.suspect} = ${row.suspect}))::int)`,
  )
}

function prepare(db: PostgresDatabase) {
  const { kind, state, severity, occurredFrom, occurredTo, suspects, containment, containing } = incidents
  const { facts, clocks, counted, checkAt, steps } = incidents
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
      facts: arg(facts),
      clocks: arg(clocks),
      counted: arg(counted),
      checkAt: arg(checkAt),
      steps: arg(steps),
      version: arg(incidents.version),
    })
    .where(all(given(incidents.tenant), given(incidents.id), given(incidents.version, 'expected')))
    .returning(DONE)
  return {
    unheld: unheld(),
    insert: statement(db.insert(incidents).values(rowArgs(incidents))),
    put: must(put),
    hold: statement(db.insert(holds).values(rowArgs(holds)).onConflictDoNothing(), { changes: [holds] }),
    lift: statement(db.delete(holds).where(all(given(holds.tenant), given(holds.incident)))),
  }
}

export function incidentApplier(db: PostgresDatabase): Apply<IncidentChange> {
  const statements = prepare(db)
  return (change, { tenant }) => {
    switch (change.type) {
      case 'expect.unheld':
        return change.suspects.map((suspect) => statements.unheld({ tenant, suspect }))
      case 'incident.insert': {
        const { incident } = change
        return [statements.insert({ tenant, ...incident, containing: isContaining(incident) })]
      }
      case 'incident.put': {
        const { incident, expectedVersion: expected } = change
        const { occurredFrom: occurred_from, occurredTo: occurred_to, checkAt: check_at, ...row } = incident
        const moved = { version: expected + 1, containing: isContaining(incident) }
        return [statements.put({ tenant, ...row, occurred_from, occurred_to, check_at, ...moved, expected })]
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
