import { eq, gt, isNull, ne, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import type { PostgresDatabase } from '../driver.ts'
import { keyDestructions, rotations } from '../schema/index.ts'
import { DONE, all, arg, given, must, rowArgs, statement } from '../statements.ts'
import type { Apply } from './list.ts'

export type KeyJobChange = Extract<Change, { type: `rotation.${string}` | `key_destruction.${string}` }>

function prepareRotations(db: PostgresDatabase) {
  const { tenant: _tenant, level: _level, ...begun } = rowArgs(rotations)
  const start = db
    .insert(rotations)
    .values(rowArgs(rotations))
    .onConflictDoUpdate({
      target: [rotations.tenant, rotations.level],
      set: Object.fromEntries(
        Object.keys(begun).map((name) => [
          name,
          sql`excluded.${sql.identifier(rotations[name as keyof typeof begun].name)}`,
        ]),
      ),
      setWhere: ne(rotations.state, 'running'),
    })
    .returning(DONE)
  const step = db
    .update(rotations)
    .set({
      state: arg(rotations.state),
      steps: arg(rotations.steps),
      cursor: arg(rotations.cursor),
      again: arg(rotations.again),
      done: arg(rotations.done),
      finishedAt: arg(rotations.finishedAt),
    })
    .where(
      all(
        given(rotations.tenant),
        given(rotations.level),
        eq(rotations.state, 'running'),
        given(rotations.steps, 'expected'),
      ),
    )
    .returning(DONE)
  return { start: must(start), step: must(step) }
}

function prepareDestructions(db: PostgresDatabase) {
  const approve = db
    .update(keyDestructions)
    .set({ approvedBy: arg(keyDestructions.approvedBy), approvedAt: arg(keyDestructions.approvedAt) })
    .where(
      all(
        given(keyDestructions.tenant),
        given(keyDestructions.id),
        isNull(keyDestructions.approvedAt),
        gt(keyDestructions.expiresAt, arg(keyDestructions.approvedAt)),
        ne(keyDestructions.askedBy, arg(keyDestructions.approvedBy)),
      ),
    )
    .returning(DONE)
  return {
    ask: statement(db.insert(keyDestructions).values(rowArgs(keyDestructions))),
    approve: must(approve),
  }
}

export function keyJobApplier(db: PostgresDatabase): Apply<KeyJobChange> {
  const rotation = prepareRotations(db)
  const destruction = prepareDestructions(db)
  return (change, { tenant }) => {
    switch (change.type) {
      case 'rotation.start':
        return [rotation.start({ tenant, ...change.rotation })]
      case 'rotation.step': {
        const { finishedAt, ...now } = change.rotation
        return [rotation.step({ tenant, expected: change.expectedSteps, ...now, finished_at: finishedAt })]
      }
      case 'key_destruction.ask':
        return [destruction.ask({ tenant, ...change.destruction })]
      case 'key_destruction.approve': {
        const { id, by, at } = change
        return [destruction.approve({ tenant, id, approved_by: by, approved_at: at })]
      }
      default:
        return unreachable(change)
    }
  }
}
