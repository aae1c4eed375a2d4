import { and } from 'drizzle-orm'
import type { Change } from '../../../vault/changes.ts'
import { isContaining } from '../../../vault/incidents/incident.ts'
import type { SqliteDatabase } from '../driver.ts'
import { incidents } from '../schema/index.ts'
import { DONE, arg, given, rowArgs } from '../statements.ts'
import { must } from './list.ts'
import type { ListContext } from './list.ts'

type IncidentChange = Extract<Change, { type: `incident.${string}` }>

function prepare(db: SqliteDatabase) {
  const { kind, state, severity, occurredFrom, occurredTo, suspects, containment, containing } = incidents
  const { facts, clocks, counted, checkAt, steps } = incidents
  return {
    insert: db.insert(incidents).values(rowArgs(incidents)).prepare(),
    put: db
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
      .where(and(given(incidents.tenant), given(incidents.id), given(incidents.version, 'expected')))
      .returning(DONE)
      .prepare(),
  }
}

export function incidentApplier(db: SqliteDatabase) {
  const statements = prepare(db)
  return (change: IncidentChange, { tenant }: ListContext): void => {
    switch (change.type) {
      case 'incident.insert': {
        const { incident } = change
        statements.insert.run({ tenant, ...incident, containing: isContaining(incident) })
        return
      }
      case 'incident.put': {
        const { incident, expectedVersion: expected } = change
        const { occurredFrom: occurred_from, occurredTo: occurred_to, checkAt: check_at, ...row } = incident
        const moved = { version: expected + 1, containing: isContaining(incident) }
        return must(
          statements.put.get({ tenant, ...row, occurred_from, occurred_to, check_at, ...moved, expected }),
        )
      }
    }
  }
}
