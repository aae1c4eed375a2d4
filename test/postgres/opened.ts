import { inject } from 'vitest'
import './global-setup.ts'
import { inside, makeDatabase, placeOn } from './place.ts'
import type { Place } from './place.ts'

export { inside, openAt, removePlace } from './place.ts'
export type { Place } from './place.ts'

export function newPlace(): Place {
  return placeOn(inject('postgresUrl'))
}

export function newDatabase(): Promise<string> {
  return makeDatabase(inject('postgresUrl'))
}

/** Every row of every table but the migrator's own, bytes as hex, in the order of their keys. */
export function dumpTables(place: Place): Promise<Record<string, unknown[]>> {
  return inside(place, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables
       where table_schema = $1 and table_name not like '\\_%' order by 1`,
      [place.options.schema],
    )
    const dump: Record<string, unknown[]> = {}
    for (const { name } of rows) {
      const table = await client.query<Record<string, unknown>>(`select * from ${name} order by 1, 2`)
      dump[name] = table.rows.map(printable)
    }
    return dump
  })
}

function printable(row: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(row).map(([column, value]) => [
    column,
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  ])
  return Object.fromEntries(entries) as Record<string, unknown>
}
