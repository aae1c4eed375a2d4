import { and, lt, lte, sql } from 'drizzle-orm'
import type { Change } from '../../../vault/changes.ts'
import type { RowsOf, SqliteDatabase } from '../driver.ts'
import { idempotency, paidItems, partyDays, refs } from '../schema/index.ts'
import { given, rowArgs } from '../statements.ts'
import { conflict } from './list.ts'
import type { ListContext } from './list.ts'

type RequestChange = Extract<Change, { type: 'ref.insert' | `quota.${string}` | 'idempotency.insert' }>

function prepare(db: SqliteDatabase) {
  const day = [partyDays.tenant, partyDays.party, partyDays.day]
  return {
    ref: db.insert(refs).values(rowArgs(refs)).prepare(),
    charge: db
      .update(partyDays)
      .set({ used: sql`${partyDays.used} + ${sql.placeholder('cost')}` })
      .where(
        and(
          given(partyDays.tenant),
          given(partyDays.party),
          given(partyDays.day),
          lte(sql`${partyDays.used} + ${sql.placeholder('cost')}`, sql.placeholder('limit')),
        ),
      )
      .prepare(),
    firstCharge: db
      .insert(partyDays)
      .values({ ...rowArgs(partyDays), parcels: 0 })
      .onConflictDoNothing()
      .prepare(),
    parcel: db
      .insert(partyDays)
      .values({ ...rowArgs(partyDays), used: 0, parcels: 1 })
      .onConflictDoUpdate({ target: day, set: { parcels: sql`${partyDays.parcels} + 1` } })
      .prepare(),
    pay: db
      .insert(paidItems)
      .values(rowArgs(paidItems))
      .onConflictDoUpdate({
        target: [paidItems.tenant, paidItems.party, paidItems.item],
        set: { at: sql`excluded.at` },
        setWhere: lt(paidItems.at, sql.placeholder('paidBefore')),
      })
      .prepare(),
    idempotency: db
      .insert(idempotency)
      .values({ ...rowArgs(idempotency), no: sql`null` })
      .prepare(),
    expired: db
      .delete(idempotency)
      .where(
        and(
          given(idempotency.tenant),
          given(idempotency.caller),
          given(idempotency.key),
          lt(idempotency.createdAt, sql.placeholder('expiredBefore')),
        ),
      )
      .prepare(),
  }
}

export function requestApplier(db: SqliteDatabase, rowsOf: RowsOf) {
  const statements = prepare(db)
  return (change: RequestChange, { tenant }: ListContext): void => {
    switch (change.type) {
      case 'ref.insert': {
        const { kind, ref, id } = change
        statements.ref.run({ tenant, owner: change.party ?? 'platform', kind, ref, id })
        return
      }
      case 'quota.charge': {
        const { party, day, limit, cost } = change
        if (cost > limit) throw conflict()
        if (rowsOf(statements.charge.run({ tenant, party, day, cost, limit })) > 0) return
        if (rowsOf(statements.firstCharge.run({ tenant, party, day, used: cost })) > 0) return
        throw conflict()
      }
      case 'quota.item_paid': {
        const { party, item, at, paidBefore } = change
        if (rowsOf(statements.pay.run({ tenant, party, item, at, paidBefore })) > 0) return
        throw conflict()
      }
      case 'quota.parcel':
        statements.parcel.run({ tenant, party: change.party, day: change.day })
        return
      case 'idempotency.insert': {
        const { record, expiredBefore } = change
        statements.expired.run({ tenant, caller: record.caller, key: record.key, expiredBefore })
        statements.idempotency.run({ tenant, ...record })
      }
    }
  }
}
