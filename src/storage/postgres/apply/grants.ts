import { isNull, lt, or, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import type { PostgresDatabase } from '../driver.ts'
import { grantPayments, grants, subjects } from '../schema/index.ts'
import { DONE, all, arg, given, must, required } from '../statements.ts'
import { livePersonOf } from './list.ts'
import { overRows, versioned, isVersion, mustFindEach, mustGiveEach, insertEach } from '../rows.ts'
import type { Apply } from './list.ts'

type GrantChange = Extract<Change, { type: 'expect.grant' | `grant.${string}` }>

function paying() {
  const columns = {
    tenant: grants.tenant,
    id: grants.id,
    paidAt: grantPayments.paidAt,
    paidBefore: grantPayments.paidAt,
  }
  const touches = { reads: [grants], changes: [grantPayments] }
  return overRows(
    columns,
    touches,
    (given, row) => {
      const grant = sql`(select ${grants.no} from ${grants}
        where ${grants.tenant} = ${row.tenant} and ${grants.id} = ${row.id})`
      // Of lists that share the statement the strictest counts for all: where it does not hold, each goes alone.
      return mustGiveEach(sql`with "due" as materialized (select * from ${given})
        insert into ${grantPayments} ("grant", "paid_at")
        select ${required(grant)}, ${row.paidAt} from "due" as "given"
        on conflict ("grant") do update set "paid_at" = excluded."paid_at"
          where ${grantPayments.paidAt} < (select min("paidBefore") from "due")
        returning 1`)
    },
    ({ id }) => String(id),
  )
}

function prepare(db: PostgresDatabase) {
  const own = all(given(grants.tenant), given(grants.id))
  const asRead = all(own, given(grants.version))
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
  return {
    expect: overRows(versioned(grants), { reads: [grants] }, (given, row) =>
      mustFindEach(sql`${given} join ${grants} on ${isVersion(grants, row)}`),
    ),
    insert: insertEach(grants, {
      also: { subject: subjects.id },
      reads: [subjects],
      derived: (row) => ({ person: livePersonOf(row) }),
    }),
    revoke: must(revoke, { changes: [grants] }),
    consume: must(consume, { changes: [grants] }),
    paid: paying(),
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
