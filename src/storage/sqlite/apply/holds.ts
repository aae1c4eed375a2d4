import { and, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import type { SqliteDatabase } from '../driver.ts'
import { holds, riskHolds } from '../schema/index.ts'
import { DONE, arg, given, rowArgs } from '../statements.ts'
import { conflict, must } from './list.ts'
import type { ListContext } from './list.ts'

type HoldChange = Extract<Change, { type: 'expect.unheld' | `hold.${string}` | `risk_hold.${string}` }>

function prepare(db: SqliteDatabase) {
  const { clearedAt, clearedBy, clearedEvent, version } = riskHolds
  return {
    stopped: db
      .select(DONE)
      .from(holds)
      .where(
        and(
          given(holds.tenant),
          given(holds.suspect),
          sql`mode = 'stop' and (until is null or until > +${sql.placeholder('at')})`,
        ),
      )
      .limit(1)
      .prepare(),
    hold: db.insert(holds).values(rowArgs(holds)).onConflictDoNothing().prepare(),
    lift: db
      .delete(holds)
      .where(and(given(holds.tenant), given(holds.holder)))
      .prepare(),
    insert: db.insert(riskHolds).values(rowArgs(riskHolds)).prepare(),
    put: db
      .update(riskHolds)
      .set({
        clearedAt: arg(clearedAt),
        clearedBy: arg(clearedBy),
        clearedEvent: arg(clearedEvent),
        version: arg(version),
      })
      .where(and(given(riskHolds.tenant), given(riskHolds.id), given(version, 'expected')))
      .returning(DONE)
      .prepare(),
  }
}

export function holdApplier(db: SqliteDatabase) {
  const statements = prepare(db)
  return (change: HoldChange, { tenant }: ListContext): void => {
    switch (change.type) {
      case 'expect.unheld': {
        const { suspects, at } = change
        for (const suspect of suspects) if (statements.stopped.get({ tenant, suspect, at })) throw conflict()
        return
      }
      case 'hold.put': {
        const { suspects, holder, mode, until } = change
        for (const suspect of suspects) statements.hold.run({ tenant, suspect, holder, mode, until })
        return
      }
      case 'hold.lift':
        statements.lift.run({ tenant, holder: change.holder })
        return
      case 'risk_hold.insert':
        statements.insert.run({ tenant, ...change.hold })
        return
      case 'risk_hold.put': {
        const { hold, expectedVersion: expected } = change
        const { id, clearedAt: cleared_at, clearedBy: cleared_by, clearedEvent: cleared_event } = hold
        const row = { tenant, id, cleared_at, cleared_by, cleared_event, version: expected + 1, expected }
        return must(statements.put.get(row))
      }
      default:
        return unreachable(change)
    }
  }
}
