import { and, isNull, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import type { SqliteDatabase } from '../driver.ts'
import { canaries, canaryTouches, canaryWalks } from '../schema/index.ts'
import { DONE, arg, given, rowArgs } from '../statements.ts'
import { must } from './list.ts'
import type { ListContext } from './list.ts'
import type { FindPerson } from './records.ts'

type CanaryChange = Extract<Change, { type: `canary.${string}` }>

function prepare(db: SqliteDatabase) {
  const own = [given(canaries.tenant), given(canaries.subject)]
  const touch = canaryTouches
  return {
    insert: db.insert(canaries).values(rowArgs(canaries)).prepare(),
    begin: db.insert(canaryWalks).values(rowArgs(canaryWalks)).onConflictDoNothing().prepare(),
    retire: db
      .update(canaries)
      .set({ retiredAt: arg(canaries.retiredAt, 'at') })
      .where(and(...own, isNull(canaries.retiredAt)))
      .returning(DONE)
      .prepare(),
    touch: db.insert(touch).values(rowArgs(touch)).onConflictDoNothing().prepare(),
    touched: db
      .update(canaries)
      .set({
        touches: sql`${canaries.touches} + ${sql.placeholder('count')}`,
        touchedAt: arg(canaries.touchedAt, 'at'),
      })
      .where(and(...own))
      .prepare(),
    settle: db
      .delete(touch)
      .where(and(given(touch.tenant), given(touch.event), given(touch.subject)))
      .returning(DONE)
      .prepare(),
    walk: db
      .update(canaryWalks)
      .set({ walked: arg(canaryWalks.walked, 'to') })
      .where(and(given(canaryWalks.tenant), given(canaryWalks.walked, 'from')))
      .returning(DONE)
      .prepare(),
  }
}

export function canaryApplier(db: SqliteDatabase, findPerson: FindPerson) {
  const statements = prepare(db)
  return (change: CanaryChange, list: ListContext): void => {
    const { tenant } = list
    switch (change.type) {
      case 'canary.insert': {
        const { canary } = change
        statements.begin.run({ tenant, walked: 0 })
        statements.insert.run({ tenant, person: findPerson(list, canary.subject), ...canary })
        return
      }
      case 'canary.retire':
        return must(statements.retire.get({ tenant, subject: change.subject, at: change.at }))
      case 'canary.touch':
        statements.touch.run({ tenant, ...change.touch })
        return
      case 'canary.touched':
        statements.touched.run({ tenant, subject: change.subject, count: change.count, at: change.at })
        return
      case 'canary.settle':
        return must(statements.settle.get({ tenant, event: change.event, subject: change.subject }))
      case 'canary.walk':
        return must(statements.walk.get({ tenant, from: change.from, to: change.to }))
      default:
        return unreachable(change)
    }
  }
}
