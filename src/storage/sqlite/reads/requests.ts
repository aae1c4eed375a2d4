import { and, gte, sql } from 'drizzle-orm'
import type { RefId } from '../../../vault/changes.ts'
import type { QuotaReads, RefReads, RequestReads } from '../../../vault/store.ts'
import type { SqliteDatabase } from '../driver.ts'
import { idempotency, paidItems, partyDays, refs } from '../schema/index.ts'
import { arg, given } from '../statements.ts'
import type { TenantNumbers } from './tenants.ts'

/** A few megabytes of names at the most. */
const MAX_KNOWN_REFS = 20_000

function prepare(db: SqliteDatabase) {
  return {
    quota: db
      .select({
        used: sql<number>`coalesce(sum(${partyDays.used}) filter (where ${given(partyDays.day)}), 0)`,
        parcelsLast7Days: sql<number>`coalesce(sum(${partyDays.parcels}), 0)`,
      })
      .from(partyDays)
      .where(
        and(
          given(partyDays.tenant),
          given(partyDays.party),
          sql`${partyDays.day} between +${sql.placeholder('week_ago')} and ${arg(partyDays.day)}`,
        ),
      )
      .prepare(),
    paid: db
      .select({ at: paidItems.at })
      .from(paidItems)
      .where(and(given(paidItems.tenant), given(paidItems.party), given(paidItems.item)))
      .prepare(),
    ref: db
      .select({ id: refs.id })
      .from(refs)
      .where(and(given(refs.tenant), given(refs.owner), given(refs.kind), given(refs.ref)))
      .prepare(),
    refById: db
      .select({ ref: refs.ref })
      .from(refs)
      .where(and(given(refs.tenant), given(refs.id)))
      .prepare(),
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
      .prepare(),
  }
}

export function requestReads(
  db: SqliteDatabase,
  numbers: TenantNumbers,
): QuotaReads & RefReads & RequestReads {
  const statements = prepare(db)
  // A name keeps its id for ever, so what was found once stays true.
  const known = new Map<string, RefId>()
  const remember = (name: string, id: RefId) => {
    if (known.size >= MAX_KNOWN_REFS) known.clear()
    known.set(name, id)
  }
  return {
    async readQuota(tenant, party, day, weekAgo) {
      const row = statements.quota.get({ tenant: numbers.of(tenant), party, day, week_ago: weekAgo })
      return row ?? { used: 0, parcelsLast7Days: 0 }
    },
    async whichPaid(tenant, party, items, since) {
      const no = numbers.of(tenant)
      return items.map((item) => {
        const row = statements.paid.get({ tenant: no, party, item })
        return row !== undefined && row.at >= since
      })
    },
    async findRefs(tenant, party, kind, names) {
      const no = numbers.of(tenant)
      const owner = party ?? 'platform'
      return names.map((ref) => {
        const name = `${no} ${owner} ${kind} ${ref}`
        const id = known.get(name) ?? statements.ref.get({ tenant: no, owner, kind, ref })?.id
        if (id !== undefined) remember(name, id)
        return id
      })
    },
    async resolveRefs(tenant, ids) {
      const no = numbers.of(tenant)
      const found = new Map<RefId, string>()
      for (const id of ids) {
        const row = statements.refById.get({ tenant: no, id })
        if (row) found.set(id, row.ref)
      }
      return found
    },
    async findIdempotent(tenant, caller, key, since) {
      return statements.idempotent.get({ tenant: numbers.of(tenant), caller, key, since })
    },
  }
}
