import { asc, eq, gt, sql } from 'drizzle-orm'
import type { LogReads } from '../../../vault/store.ts'
import { placeOf, tilePlaceOf } from '../../log-place.ts'
import type { PostgresDatabase } from '../driver.ts'
import { events, logs, tenants, tiles } from '../schema/index.ts'
import { among, given, within } from '../statements.ts'
import type { TenantNumbers } from '../tenants.ts'

function prepare(db: PostgresDatabase) {
  // A look into an index for each tenant; a counter beside the log could only be wrong.
  const size = sql`(
    select coalesce(max(${events.place}) - ${tenants.no} * ${sql.raw(String(placeOf(1, 0)))} + 1, 0) from ${events}
    where ${events.place} >= ${tenants.no} * ${sql.raw(String(placeOf(1, 0)))}
      and ${events.place} < (${tenants.no} + 1) * ${sql.raw(String(placeOf(1, 0)))})`
  return {
    log: db.select().from(logs).where(given(logs.tenant)).prepare('log'),
    leaves: db
      .select({ leafHash: events.leafHash })
      .from(events)
      .where(within(events.place))
      .orderBy(asc(events.place))
      .prepare('leaf_hashes'),
    tiles: db.select().from(tiles).where(among(tiles.place, 'places')).prepare('tiles'),
    behind: db
      .select({ slug: tenants.slug })
      .from(tenants)
      .leftJoin(logs, eq(logs.tenant, tenants.no))
      .where(gt(size, sql`coalesce(${logs.size}, 0)`))
      .limit(sql.placeholder('limit'))
      .prepare('logs_behind'),
  }
}

export function logReads(db: PostgresDatabase, numbers: TenantNumbers): LogReads {
  const statements = prepare(db)
  return {
    async findLog(tenant) {
      const [row] = await statements.log.execute({ tenant: await numbers.of(tenant) })
      if (!row) return undefined
      const { tenant: _no, cosignedSize, cosignedNote, ...state } = row
      const cosigned =
        cosignedSize === null || cosignedNote === null ? null : { size: cosignedSize, note: cosignedNote }
      return { ...state, cosigned }
    },
    async listLeafHashes(tenant, from, limit) {
      const no = await numbers.of(tenant)
      const stretch = { first: placeOf(no, from), last: placeOf(no, from + limit) - 1 }
      return (await statements.leaves.execute(stretch)).map(({ leafHash }) => leafHash)
    },
    async findTiles(tenant, wanted) {
      const no = await numbers.of(tenant)
      const places = wanted.map((tile) => tilePlaceOf(no, tile))
      const rows = await statements.tiles.execute({ places })
      const found = new Map(rows.map(({ place, bytes }) => [place, bytes]))
      return places.map((place) => found.get(place))
    },
    async listLogsBehind(limit) {
      return (await statements.behind.execute({ limit })).map(({ slug }) => slug)
    },
  }
}
