import { and, gte, sql } from 'drizzle-orm'
import type { RefId } from '../../../vault/changes.ts'
import type { QuotaReads, RefReads, RequestReads } from '../../../vault/store.ts'
import type { PostgresDatabase } from '../driver.ts'
import { idempotency, paidItems, partyDays, refs } from '../schema/index.ts'
import { among, arg, given } from '../statements.ts'
import type { TenantNumbers } from '../tenants.ts'

function prepareQuota(db: PostgresDatabase) {
  const used = sql`coalesce(sum(${partyDays.used}) filter (where ${given(partyDays.day)}), 0)`
  const parcels = sql`coalesce(sum(${partyDays.parcels}), 0)`
  return {
    quota: db
      .select({ used: used.mapWith(Number), parcelsLast7Days: parcels.mapWith(Number) })
      .from(partyDays)
      .where(
        and(
          given(partyDays.tenant),
          given(partyDays.party),
          sql`${partyDays.day} between ${sql.placeholder('week_ago')} and ${arg(partyDays.day)}`,
        ),
      )
      .prepare('quota'),
    paid: db
      .select({ item: paidItems.item })
      .from(paidItems)
      .where(
        and(
          given(paidItems.tenant),
          given(paidItems.party),
          among(paidItems.item, 'items'),
          gte(paidItems.at, sql.placeholder('since')),
        ),
      )
      .prepare('paid_items'),
  }
}

function prepare(db: PostgresDatabase) {
  return {
    ...prepareQuota(db),
    refs: db
      .select({ ref: refs.ref, id: refs.id })
      .from(refs)
      .where(and(given(refs.tenant), given(refs.owner), given(refs.kind), among(refs.ref, 'refs')))
      .prepare('refs'),
    refsById: db
      .select({ ref: refs.ref, id: refs.id })
      .from(refs)
      .where(and(given(refs.tenant), among(refs.id, 'ids')))
      .prepare('refs_by_id'),
    idempotent: db
      .select({
        caller: idempotency.caller,
        key: idempotency.key,
        fingerprint: idempotency.fingerprint,
        sealedResult: idempotency.sealedResult,
        createdAt: idempotency.createdAt,
      })
      .from(idempotency)
      .where(
        and(
          given(idempotency.tenant),
          given(idempotency.caller),
          given(idempotency.key),
          gte(idempotency.createdAt, sql.placeholder('since')),
        ),
      )
      .prepare('idempotent'),
  }
}

export function requestReads(
  db: PostgresDatabase,
  numbers: TenantNumbers,
): QuotaReads & RefReads & RequestReads {
  const statements = prepare(db)
  return {
    async readQuota(tenant, party, day, weekAgo) {
      const asked = { tenant: await numbers.of(tenant), party, day, week_ago: weekAgo }
      const [row] = await statements.quota.execute(asked)
      return row ?? { used: 0, parcelsLast7Days: 0 }
    },
    async whichPaid(tenant, party, items, since) {
      const asked = { tenant: await numbers.of(tenant), party, items, since }
      const paid = new Set((await statements.paid.execute(asked)).map(({ item }) => item))
      return items.map((item) => paid.has(item))
    },
    async findRefs(tenant, party, kind, names) {
      const asked = { tenant: await numbers.of(tenant), owner: party ?? 'platform', kind, refs: names }
      const found = new Map((await statements.refs.execute(asked)).map(({ ref, id }) => [ref, id]))
      return names.map((ref) => found.get(ref))
    },
    async resolveRefs(tenant, ids) {
      const rows = await statements.refsById.execute({ tenant: await numbers.of(tenant), ids })
      const found = new Map(rows.map(({ id, ref }) => [id, ref]))
      return new Map(
        ids.flatMap((id): [RefId, string][] => {
          const ref = found.get(id)
          return ref === undefined ? [] : [[id, ref]]
        }),
      )
    },
    async findIdempotent(tenant, caller, key, since) {
      const [row] = await statements.idempotent.execute({
        tenant: await numbers.of(tenant),
        caller,
        key,
        since,
      })
      return row
    },
  }
}
