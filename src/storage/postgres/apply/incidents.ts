import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import { isContaining } from '../../../vault/incidents/incident.ts'
import type { PostgresDatabase } from '../driver.ts'
import { incidents } from '../schema/index.ts'
import { DONE, all, arg, given, must, rowArgs, statement } from '../statements.ts'
import type { Apply } from './list.ts'

type IncidentChange = Extract<Change, { type: `incident.${string}` }>

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
    insert: statement(db.insert(incidents).values(rowArgs(incidents))),
    put: must(put),
  }
}

export function incidentApplier(db: PostgresDatabase): Apply<IncidentChange> {
  const statements = prepare(db)
  return (change, { tenant }) => {
    switch (change.type) {
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
      default:
        return unreachable(change)
    }
  }
}
