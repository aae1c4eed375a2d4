import { lt, sql } from 'drizzle-orm'
import { unreachable } from '../../../core/errors.ts'
import type { Change } from '../../../vault/changes.ts'
import type { PostgresDatabase } from '../driver.ts'
import { idempotency, paidItems, partyDays, refs } from '../schema/index.ts'
import { all, given, rowArgs, statement } from '../statements.ts'
import { insertEach, mustGiveEach, overRows } from '../rows.ts'
import type { Apply } from './list.ts'

type RequestChange = Extract<Change, { type: 'ref.insert' | `quota.${string}` | 'idempotency.insert' }>

const DAY = { tenant: partyDays.tenant, party: partyDays.party, day: partyDays.day }

/** What several took of one day is charged at once. A day's first charge may not pass the limit either. */
function charging() {
  const columns = { ...DAY, used: partyDays.used, limit: partyDays.used }
  return overRows(
    columns,
    { changes: [partyDays] },
    (given) => sql`with "due" as (
        select "tenant", "party", "day", sum("used")::bigint as "cost", min("limit") as "limit"
        from ${given} group by 1, 2, 3),
      "charged" as (
        insert into ${partyDays} ("tenant", "party", "day", "used", "parcels")
        select "tenant", "party", "day", "cost", 0 from "due" where "cost" <= "limit"
        on conflict ("tenant", "party", "day") do update set "used" = ${partyDays.used} + excluded."used"
          where ${partyDays.used} + excluded."used" <= (select "limit" from "due"
            where "due"."party" = excluded."party" and "due"."day" = excluded."day")
        returning 1)
      select cloakroom_must(((select count(*) from "charged") = (select count(*) from "due"))::int)`,
  )
}

function parcels() {
  return overRows(
    DAY,
    { changes: [partyDays] },
    (given) => sql`insert into ${partyDays} ("tenant", "party", "day", "used", "parcels")
      select "tenant", "party", "day", 0, count(*) from ${given} group by 1, 2, 3
      on conflict ("tenant", "party", "day") do update set "parcels" = ${partyDays.parcels} + excluded."parcels"`,
  )
}

function paying() {
  const { tenant, party, item, at } = paidItems
  return overRows(
    { tenant, party, item, at, paidBefore: at },
    { changes: [paidItems] },
    // Of lists that share the statement the strictest counts for all: where it does not hold, each goes alone.
    (given, row) =>
      mustGiveEach(sql`with "due" as materialized (select * from ${given})
        insert into ${paidItems} ("tenant", "party", "item", "at")
        select ${row.tenant}, ${row.party}, ${row.item}, ${row.at} from "due" as "given"
        on conflict ("tenant", "party", "item") do update set "at" = excluded."at"
          where ${paidItems.at} < (select min("paidBefore") from "due")
        returning 1`),
    (args) => `${String(args['party'])} ${String(args['item'])}`,
  )
}

function prepare(db: PostgresDatabase) {
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
    ref: insertEach(refs),
    charge: charging(),
    parcel: parcels(),
    pay: paying(),
    expired: statement(expired, { changes: [idempotency] }),
    idempotency: statement(db.insert(idempotency).values(record), { adds: [idempotency] }),
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
