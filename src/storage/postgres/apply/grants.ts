import { isNull, lt, or, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import type { PostgresDatabase } from '../driver.ts'
import { grantPayments, grants } from '../schema/index.ts'
import { DONE, all, arg, given, must, required, rowArgs, statement } from '../statements.ts'
import { livePerson } from './list.ts'
import type { Apply } from './list.ts'

type GrantChange = Extract<Change, { type: 'expect.grant' | `grant.${string}` }>

function prepare(db: PostgresDatabase) {
  const own = all(given(grants.tenant), given(grants.id))
  const asRead = all(own, given(grants.version))
  const { no: _given, ...row } = rowArgs(grants)
  const revoke = db
    .update(grants)
    .set({ revokedAt: arg(grants.revokedAt), version: sql`${grants.version} + 1` })
    .where(all(asRead, isNull(grants.revokedAt)))
    .returning(DONE)
  const consume = db
    .update(grants)
    .set({ uses: sql`${grants.uses} + 1` })
    .where(all(own, isNull(grants.revokedAt), or(isNull(grants.usesMax), lt(grants.uses, grants.usesMax))))
    .returning(DONE)
  const paid = db
    .insert(grantPayments)
    .values({
      grant: required(db.select({ no: grants.no }).from(grants).where(own)),
      paidAt: sql.placeholder('paidAt'),
    })
    .onConflictDoUpdate({
      target: grantPayments.grant,
      set: { paidAt: sql`excluded.paid_at` },
      setWhere: lt(grantPayments.paidAt, sql.placeholder('paidBefore')),
    })
    .returning(DONE)
  return {
    expect: must(db.select(DONE).from(grants).where(asRead)),
    insert: statement(db.insert(grants).values({ ...row, person: livePerson(db) })),
    revoke: must(revoke),
    consume: must(consume),
    paid: must(paid),
  }
}

export function grantApplier(db: PostgresDatabase): Apply<GrantChange> {
  const statements = prepare(db)
  return (change, { tenant }) => {
    switch (change.type) {
      case 'expect.grant':
        return [statements.expect({ tenant, id: change.id, version: change.version })]
      case 'grant.insert':
        return [statements.insert({ tenant, ...change.grant })]
      case 'grant.revoke': {
        const { id, expectedVersion: version, at } = change
        return [statements.revoke({ tenant, id, version, revoked_at: at })]
      }
      case 'grant.consume':
        return [statements.consume({ tenant, id: change.id })]
      case 'grant.paid':
        return [statements.paid({ tenant, id: change.id, paidAt: change.at, paidBefore: change.paidBefore })]
      default:
        return unreachable(change)
    }
  }
}
