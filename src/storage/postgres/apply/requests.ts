import { lt, lte, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import type { PostgresDatabase } from '../driver.ts'
import { idempotency, paidItems, partyDays, refs } from '../schema/index.ts'
import { DONE, all, given, must, rowArgs, statement } from '../statements.ts'
import type { Apply } from './list.ts'

type RequestChange = Extract<Change, { type: 'ref.insert' | `quota.${string}` | 'idempotency.insert' }>

function prepare(db: PostgresDatabase) {
  const day = [partyDays.tenant, partyDays.party, partyDays.day]
  const cost = sql.placeholder('used')
  // A day's first charge may not pass the limit either.
  const charge = db
    .insert(partyDays)
    .select(
      sql`select ${sql.placeholder('tenant')}::bigint, ${sql.placeholder('party')}, ${sql.placeholder('day')}, ${cost}::bigint, 0
        where ${cost}::bigint <= ${sql.placeholder('limit')}::bigint`,
    )
    .onConflictDoUpdate({
      target: day,
      set: { used: sql`${partyDays.used} + excluded.used` },
      setWhere: lte(sql`${partyDays.used} + excluded.used`, sql.placeholder('limit')),
    })
    .returning(DONE)
  const parcel = db
    .insert(partyDays)
    .values({ ...rowArgs(partyDays), used: 0, parcels: 1 })
    .onConflictDoUpdate({ target: day, set: { parcels: sql`${partyDays.parcels} + 1` } })
  const pay = db
    .insert(paidItems)
    .values(rowArgs(paidItems))
    .onConflictDoUpdate({
      target: [paidItems.tenant, paidItems.party, paidItems.item],
      set: { at: sql`excluded.at` },
      setWhere: lt(paidItems.at, sql.placeholder('paidBefore')),
    })
    .returning(DONE)
  const expired = db
    .delete(idempotency)
    .where(
      all(
        given(idempotency.tenant),
        given(idempotency.caller),
        given(idempotency.key),
        lt(idempotency.createdAt, sql.placeholder('expiredBefore')),
      ),
    )
  const { no: _given, ...record } = rowArgs(idempotency)
  return {
    ref: statement(db.insert(refs).values(rowArgs(refs))),
    charge: must(charge),
    parcel: statement(parcel),
    pay: must(pay),
    expired: statement(expired),
    idempotency: statement(db.insert(idempotency).values(record)),
  }
}

export function requestApplier(db: PostgresDatabase): Apply<RequestChange> {
  const statements = prepare(db)
  return (change, { tenant }) => {
    switch (change.type) {
      case 'ref.insert': {
        const { kind, ref, id } = change
        return [statements.ref({ tenant, owner: change.party ?? 'platform', kind, ref, id })]
      }
      case 'quota.charge': {
        const { party, day, limit, cost: used } = change
        return [statements.charge({ tenant, party, day, limit, used })]
      }
      case 'quota.item_paid': {
        const { party, item, at, paidBefore } = change
        return [statements.pay({ tenant, party, item, at, paidBefore })]
      }
      case 'quota.parcel':
        return [statements.parcel({ tenant, party: change.party, day: change.day })]
      case 'idempotency.insert': {
        const { record, expiredBefore } = change
        return [
          statements.expired({ tenant, caller: record.caller, key: record.key, expiredBefore }),
          statements.idempotency({ tenant, ...record }),
        ]
      }
      default:
        return unreachable(change)
    }
  }
}
