import { sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import type { PostgresDatabase } from '../driver.ts'
import { holds, riskHolds } from '../schema/index.ts'
import { overRows } from '../rows.ts'
import { DONE, all, arg, given, must, rowArgs, statement } from '../statements.ts'
import type { Apply } from './list.ts'

type HoldChange = Extract<Change, { type: 'expect.unheld' | `hold.${string}` | `risk_hold.${string}` }>

/** None may be there: so a hold that is added changes what this finds, and says that it `changes` the table. */
function unheld() {
  const columns = { tenant: holds.tenant, suspect: holds.suspect, at: holds.until }
  return overRows(
    columns,
    { reads: [holds] },
    (given, row) => sql`select cloakroom_must((not exists (select from ${given}
      join ${holds} on ${holds.tenant} = ${row.tenant} and ${holds.suspect} = ${row.suspect}
        and ${holds.mode} = 'stop' and (${holds.until} is null or ${holds.until} > ${row.at})))::int)`,
  )
}

function prepare(db: PostgresDatabase) {
  const { clearedAt, clearedBy, clearedEvent, version } = riskHolds
  const put = db
    .update(riskHolds)
    .set({
      clearedAt: arg(clearedAt),
      clearedBy: arg(clearedBy),
      clearedEvent: arg(clearedEvent),
      version: arg(version),
    })
    .where(all(given(riskHolds.tenant), given(riskHolds.id), given(version, 'expected')))
    .returning(DONE)
  return {
    unheld: unheld(),
    hold: statement(db.insert(holds).values(rowArgs(holds)).onConflictDoNothing(), { changes: [holds] }),
    lift: statement(db.delete(holds).where(all(given(holds.tenant), given(holds.holder)))),
    insert: statement(db.insert(riskHolds).values(rowArgs(riskHolds))),
    put: must(put),
  }
}

export function holdApplier(db: PostgresDatabase): Apply<HoldChange> {
  const statements = prepare(db)
  return (change, { tenant }) => {
    switch (change.type) {
      case 'expect.unheld': {
        const { suspects, at } = change
        return suspects.map((suspect) => statements.unheld({ tenant, suspect, at }))
      }
      case 'hold.put': {
        const { suspects, holder, mode, until } = change
        return suspects.map((suspect) => statements.hold({ tenant, suspect, holder, mode, until }))
      }
      case 'hold.lift':
        return [statements.lift({ tenant, holder: change.holder })]
      case 'risk_hold.insert':
        return [statements.insert({ tenant, ...change.hold })]
      case 'risk_hold.put': {
        const { hold, expectedVersion: expected } = change
        const { id, clearedAt: cleared_at, clearedBy: cleared_by, clearedEvent: cleared_event } = hold
        const moved = { cleared_at, cleared_by, cleared_event, version: expected + 1 }
        return [statements.put({ tenant, id, ...moved, expected })]
      }
      default:
        return unreachable(change)
    }
  }
}
