import { lt, lte, sql } from 'drizzle-orm'
import type { Change } from '../../../vault/changes.ts'
import type { SqliteDatabase } from '../driver.ts'
import { idempotency, paidItems, partyDays, refs } from '../schema/index.ts'
import { DONE, rowArgs } from '../statements.ts'
import { conflict, must } from './list.ts'
import type { ListContext } from './list.ts'

type RequestChange = Extract<Change, { type: 'ref.insert' | `quota.${string}` | 'idempotency.insert' }>

function prepare(db: SqliteDatabase) {
  const day = [partyDays.tenant, partyDays.party, partyDays.day]
  return {
    ref: db.insert(refs).values(rowArgs(refs)).prepare(),
    charge: db
      .insert(partyDays)
      .values({ ...rowArgs(partyDays), parcels: 0 })
      .onConflictDoUpdate({
        target: day,
        set: { used: sql`${partyDays.used} + excluded.used` },
        setWhere: lte(sql`${partyDays.used} + excluded.used`, sql.placeholder('limit')),
      })
      .returning(DONE)
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
      .returning(DONE)
      .prepare(),
    idempotency: db
      .insert(idempotency)
      .values({ ...rowArgs(idempotency), no: sql`null` })
      .prepare(),
  }
}

export function requestApplier(db: SqliteDatabase) {
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
        return must(statements.charge.get({ tenant, party, day, used: cost, limit }))
      }
      case 'quota.item_paid': {
        const { party, item, at, paidBefore } = change
        return must(statements.pay.get({ tenant, party, item, at, paidBefore }))
      }
      case 'quota.parcel':
        statements.parcel.run({ tenant, party: change.party, day: change.day })
        return
      case 'idempotency.insert':
        statements.idempotency.run({ tenant, ...change.record })
    }
  }
}
