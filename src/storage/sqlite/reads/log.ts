import { asc } from 'drizzle-orm'
import type { TenantId } from '../../../core/id.ts'
import type { LogReads } from '../../../vault/store.ts'
import type { SqliteDatabase } from '../driver.ts'
import { placeOf, tilePlaceOf } from '../../log-place.ts'
import { events, logs, tiles } from '../schema/index.ts'
import { given, within } from '../statements.ts'
import { lastEvent } from './audit.ts'
import type { TenantNumbers } from './tenants.ts'

function prepare(db: SqliteDatabase) {
  return {
    log: db.select().from(logs).where(given(logs.tenant)).prepare(),
    leaves: db
      .select({ leafHash: events.leafHash })
      .from(events)
      .where(within(events.place))
      .orderBy(asc(events.place))
      .prepare(),
    tile: db.select({ bytes: tiles.bytes }).from(tiles).where(given(tiles.place)).prepare(),
  }
}

/** @param appended tenants that may have events beyond their checkpoint; those that have none are taken out. */
export function logReads(db: SqliteDatabase, numbers: TenantNumbers, appended: Set<TenantId>): LogReads {
  const statements = prepare(db)
  const last = lastEvent(db)
  const isBehind = (tenant: TenantId) => {
    const no = numbers.of(tenant)
    return (last(no)?.index ?? -1) + 1 > (statements.log.get({ tenant: no })?.size ?? 0)
  }
  return {
    async findLog(tenant) {
      const row = statements.log.get({ tenant: numbers.of(tenant) })
      if (!row) return undefined
      const { tenant: _no, cosignedSize, cosignedNote, ...state } = row
      const cosigned =
        cosignedSize === null || cosignedNote === null ? null : { size: cosignedSize, note: cosignedNote }
      return { ...state, cosigned }
    },
    async listLeafHashes(tenant, from, limit) {
      const no = numbers.of(tenant)
      const rows = statements.leaves.all({ first: placeOf(no, from), last: placeOf(no, from + limit) - 1 })
      return rows.map(({ leafHash }) => leafHash)
    },
    async findTiles(tenant, wanted) {
      const no = numbers.of(tenant)
      return wanted.map((tile) => statements.tile.get({ place: tilePlaceOf(no, tile) })?.bytes)
    },
    async listLogsBehind(limit) {
      const behind: TenantId[] = []
      for (const tenant of appended) {
        if (behind.length >= limit) break
        if (isBehind(tenant)) behind.push(tenant)
        else appended.delete(tenant)
      }
      return behind
    },
  }
}
