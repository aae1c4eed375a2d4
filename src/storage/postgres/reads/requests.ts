import { and, eq, sql } from 'drizzle-orm'
import { toHex } from '../../../core/bytes.ts'
import type { PartyId } from '../../../core/id.ts'
import type { IdempotencyRecord, RefId, RefKind } from '../../../vault/changes.ts'
import type { PaidItem } from '../../../vault/quota/quota.ts'
import type { Owner } from '../../../vault/records/record.ts'
import type { QuotaReads, RefReads, RequestReads } from '../../../vault/store.ts'
import type { PostgresDatabase } from '../driver.ts'
import { givenRows, rowsGiven } from '../rows.ts'
import { idempotency, paidItems, partyDays, refs } from '../schema/index.ts'
import type { Share } from '../shared-reads.ts'
import { among, given } from '../statements.ts'
import type { TenantNumbers } from '../tenants.ts'

const DAY = { party: partyDays.party, day: partyDays.day, weekAgo: partyDays.day }
const ITEM = { party: paidItems.party, item: paidItems.item }
const NAME = { owner: refs.owner, kind: refs.kind, ref: refs.ref }
const KEY = { caller: idempotency.caller, key: idempotency.key }

function days(db: PostgresDatabase) {
  const { source, row } = givenRows(DAY)
  const used = sql`coalesce(sum(${partyDays.used}) filter (where ${partyDays.day} = ${row.day}), 0)`
  const parcels = sql`coalesce(sum(${partyDays.parcels}), 0)`
  return db
    .select({
      party: sql<PartyId>`${row.party}`,
      day: sql<string>`${row.day}`,
      used: used.mapWith(Number),
      parcelsLast7Days: parcels.mapWith(Number),
    })
    .from(source)
    .leftJoin(
      partyDays,
      and(
        given(partyDays.tenant),
        eq(partyDays.party, row.party),
        sql`${partyDays.day} between ${row.weekAgo} and ${row.day}`,
      ),
    )
    .groupBy(row.party, row.day)
    .prepare('days')
}

function paid(db: PostgresDatabase) {
  const { source, row } = givenRows(ITEM)
  const { tenant, party, item, at } = paidItems
  return db
    .select({ party, item, at })
    .from(source)
    .innerJoin(paidItems, and(given(tenant), eq(party, row.party), eq(item, row.item)))
    .prepare('paid_items')
}

function named(db: PostgresDatabase) {
  const { source, row } = givenRows(NAME)
  const { tenant, owner, kind, ref, id } = refs
  return db
    .select({ owner, kind, ref, id })
    .from(source)
    .innerJoin(refs, and(given(tenant), eq(owner, row.owner), eq(kind, row.kind), eq(ref, row.ref)))
    .prepare('refs')
}

function kept(db: PostgresDatabase) {
  const { source, row } = givenRows(KEY)
  const { tenant, caller, key, fingerprint, sealedResult, createdAt } = idempotency
  return db
    .select({ caller, key, fingerprint, sealedResult, createdAt })
    .from(source)
    .innerJoin(idempotency, and(given(tenant), eq(caller, row.caller), eq(key, row.key)))
    .prepare('idempotent')
}

type Day = { party: PartyId; day: string; weekAgo: string }
type Name = { owner: Owner; kind: RefKind; ref: string }

/** What a key is made of that has several parts, none of which holds a line's end before the last. */
function joined(...parts: readonly string[]): string {
  return parts.join('\n')
}

function prepare(db: PostgresDatabase, share: Share) {
  const statements = { days: days(db), paid: paid(db), named: named(db), kept: kept(db) }
  const byId = db
    .select({ ref: refs.ref, id: refs.id })
    .from(refs)
    .where(and(given(refs.tenant), among(refs.id, 'ids')))
    .prepare('refs_by_id')
  return {
    day: share({
      read: (tenant, asks: readonly Day[]) => statements.days.execute({ tenant, ...rowsGiven(DAY, asks) }),
      ofAsk: ({ party, day }) => joined(party, day),
      ofRow: ({ party, day }) => joined(party, day),
    }),
    paid: share({
      read: (tenant, asks: readonly { party: PartyId; item: PaidItem }[]) =>
        statements.paid.execute({ tenant, ...rowsGiven(ITEM, asks) }),
      ofAsk: ({ party, item }) => joined(party, item),
      ofRow: ({ party, item }) => joined(party, item),
    }),
    ref: share({
      read: (tenant, asks: readonly Name[]) => statements.named.execute({ tenant, ...rowsGiven(NAME, asks) }),
      ofAsk: ({ owner, kind, ref }) => joined(owner, kind, ref),
      ofRow: ({ owner, kind, ref }) => joined(owner, kind, ref),
    }),
    refById: share({
      read: (tenant, ids: readonly RefId[]) => byId.execute({ tenant, ids }),
      ofAsk: (id) => id,
      ofRow: ({ id }) => id,
    }),
    kept: share({
      read: (tenant, asks: readonly Pick<IdempotencyRecord, 'caller' | 'key'>[]) =>
        statements.kept.execute({ tenant, ...rowsGiven(KEY, asks) }),
      ofAsk: ({ caller, key }) => joined(caller, toHex(key)),
      ofRow: ({ caller, key }) => joined(caller, toHex(key)),
    }),
  }
}

export function requestReads(
  db: PostgresDatabase,
  numbers: TenantNumbers,
  share: Share,
): QuotaReads & RefReads & RequestReads {
  const many = prepare(db, share)
  return {
    async readQuota(tenant, party, day, weekAgo) {
      const [row] = await many.day(await numbers.of(tenant), [{ party, day, weekAgo }])
      return { used: row?.used ?? 0, parcelsLast7Days: row?.parcelsLast7Days ?? 0 }
    },
    async whichPaid(tenant, party, items, since) {
      const asked = items.map((item) => ({ party, item }))
      const rows = await many.paid(await numbers.of(tenant), asked)
      const paidSince = new Set(rows.filter(({ at }) => at >= since).map(({ item }) => item))
      return items.map((item) => paidSince.has(item))
    },
    async findRefs(tenant, party, kind, names) {
      const owner: Owner = party ?? 'platform'
      const asked = names.map((ref) => ({ owner, kind, ref }))
      const rows = await many.ref(await numbers.of(tenant), asked)
      const found = new Map(rows.map(({ ref, id }) => [ref, id]))
      return names.map((ref) => found.get(ref))
    },
    async resolveRefs(tenant, ids) {
      const rows = await many.refById(await numbers.of(tenant), ids)
      return new Map(rows.map(({ id, ref }) => [id, ref]))
    },
    async findIdempotent(tenant, caller, key, since) {
      const [row] = await many.kept(await numbers.of(tenant), [{ caller, key }])
      return row && row.createdAt >= since ? row : undefined
    },
  }
}
