import { and, isNull, lt, or, sql } from 'drizzle-orm'
import type { Change } from '../../../vault/changes.ts'
import type { RowsOf, SqliteDatabase } from '../driver.ts'
import type { GrantNumbers } from '../row-numbers.ts'
import { grantPayments, grants } from '../schema/index.ts'
import { DONE, arg, given, rowArgs } from '../statements.ts'
import { conflict, must } from './list.ts'
import type { ListContext } from './list.ts'
import type { FindPerson } from './records.ts'

type GrantChange = Extract<Change, { type: 'expect.grant' | `grant.${string}` }>

function prepare(db: SqliteDatabase) {
  const asRead = and(given(grants.tenant), given(grants.id), given(grants.version))
  return {
    expect: db.select(DONE).from(grants).where(asRead).prepare(),
    insert: db
      .insert(grants)
      .values({ ...rowArgs(grants), no: sql`null` })
      .prepare(),
    revoke: db
      .update(grants)
      .set({ revokedAt: sql`${arg(grants.revokedAt)}`, version: sql`${grants.version} + 1` })
      .where(and(asRead, isNull(grants.revokedAt)))
      .returning(DONE)
      .prepare(),
    consume: db
      .update(grants)
      .set({ uses: sql`${grants.uses} + 1` })
      .where(
        and(
          given(grants.tenant),
          given(grants.id),
          isNull(grants.revokedAt),
          or(isNull(grants.usesMax), lt(grants.uses, grants.usesMax)),
        ),
      )
      .returning(DONE)
      .prepare(),
    paid: db
      .insert(grantPayments)
      .values(rowArgs(grantPayments))
      .onConflictDoUpdate({
        target: grantPayments.grant,
        set: { paidAt: sql`excluded.paid_at` },
        setWhere: lt(grantPayments.paidAt, sql.placeholder('paidBefore')),
      })
      .prepare(),
  }
}

export function grantApplier(
  db: SqliteDatabase,
  rowsOf: RowsOf,
  personNo: FindPerson,
  numbers: GrantNumbers,
) {
  const statements = prepare(db)
  return (change: GrantChange, list: ListContext): void => {
    const { tenant } = list
    switch (change.type) {
      case 'expect.grant':
        return must(statements.expect.get({ tenant, id: change.id, version: change.version }))
      case 'grant.insert': {
        const { subject, ...grant } = change.grant
        statements.insert.run({ tenant, ...grant, person: personNo(list, subject) })
        return
      }
      case 'grant.revoke': {
        const { id, expectedVersion: version, at } = change
        return must(statements.revoke.get({ tenant, id, version, revoked_at: at }))
      }
      case 'grant.consume':
        return must(statements.consume.get({ tenant, id: change.id }))
      case 'grant.paid': {
        const { id, at: paidAt, paidBefore } = change
        const no = numbers.peek(tenant, id)
        if (no === undefined) throw conflict()
        if (rowsOf(statements.paid.run({ grant: no, paidAt, paidBefore })) === 0) throw conflict()
      }
    }
  }
}
