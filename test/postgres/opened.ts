import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { openPostgresStore } from '../../src/runtime/node/postgres.ts'
import type { PostgresOptions } from '../../src/runtime/node/postgres.ts'
import './global-setup.ts'

/** A database as far as a store can tell: a schema that nobody else uses. */
export type Place = { url: string; options: PostgresOptions & { schema: string } }

export function newPlace(): Place {
  const schema = `t_${randomBytes(8).toString('hex')}`
  return { url: inject('postgresUrl'), options: { schema, connections: 4 } }
}

/** A whole database of its own, for what is not told about schemas. */
export async function newDatabase(): Promise<string> {
  const url = new URL(inject('postgresUrl'))
  const name = `d_${randomBytes(8).toString('hex')}`
  await inside({ url: url.href, options: { schema: 'public' } }, (client) =>
    client.query(`create database ${name}`),
  )
  url.pathname = `/${name}`
  return url.href
}

export function openAt({ url, options }: Place) {
  return openPostgresStore(url, options)
}

/** Runs `work` on a connection of its own to the place. */
export async function inside<T>(
  { url, options }: Place,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url, options: `-c search_path=${options.schema}` })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

export async function removePlace(place: Place): Promise<void> {
  await inside(place, (client) => client.query(`drop schema if exists ${place.options.schema} cascade`))
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
