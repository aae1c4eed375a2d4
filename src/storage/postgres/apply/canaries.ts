import { isNull, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import type { PostgresDatabase } from '../driver.ts'
import { canaries, canaryTouches, canaryWalks } from '../schema/index.ts'
import { DONE, all, arg, given, must, rowArgs, statement } from '../statements.ts'
import { livePerson } from './list.ts'
import type { Apply } from './list.ts'

type CanaryChange = Extract<Change, { type: `canary.${string}` }>

function prepare(db: PostgresDatabase) {
  const own = [given(canaries.tenant), given(canaries.subject)]
  const touch = canaryTouches
  const retire = db
    .update(canaries)
    .set({ retiredAt: arg(canaries.retiredAt, 'at') })
    .where(all(...own, isNull(canaries.retiredAt)))
    .returning(DONE)
  const touched = db
    .update(canaries)
    .set({
      touches: sql`${canaries.touches} + ${sql.placeholder('count')}`,
      touchedAt: arg(canaries.touchedAt, 'at'),
    })
    .where(all(...own))
  const settle = db
    .delete(touch)
    .where(all(given(touch.tenant), given(touch.event), given(touch.subject)))
    .returning(DONE)
  const walk = db
    .update(canaryWalks)
    .set({ walked: arg(canaryWalks.walked, 'to') })
    .where(all(given(canaryWalks.tenant), given(canaryWalks.walked, 'from')))
    .returning(DONE)
  return {
    insert: statement(db.insert(canaries).values({ ...rowArgs(canaries), person: livePerson(db) })),
    begin: statement(db.insert(canaryWalks).values(rowArgs(canaryWalks)).onConflictDoNothing()),
    retire: must(retire),
    touch: statement(db.insert(touch).values(rowArgs(touch)).onConflictDoNothing()),
    touched: statement(touched),
    settle: must(settle),
    walk: must(walk),
  }
}

export function canaryApplier(db: PostgresDatabase): Apply<CanaryChange> {
  const statements = prepare(db)
  return (change, { tenant }) => {
    switch (change.type) {
      case 'canary.insert':
        return [statements.begin({ tenant, walked: 0 }), statements.insert({ tenant, ...change.canary })]
      case 'canary.retire':
        return [statements.retire({ tenant, subject: change.subject, at: change.at })]
      case 'canary.touch':
        return [statements.touch({ tenant, ...change.touch })]
      case 'canary.touched': {
        const { subject, count, at } = change
        return [statements.touched({ tenant, subject, count, at })]
      }
      case 'canary.settle':
        return [statements.settle({ tenant, event: change.event, subject: change.subject })]
      case 'canary.walk':
        return [statements.walk({ tenant, from: change.from, to: change.to })]
      default:
        return unreachable(change)
    }
  }
}
