import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { openPostgresStore } from '../../src/runtime/node/postgres.ts'
import type { PostgresOptions } from '../../src/runtime/node/postgres.ts'
import { startServer } from './server.ts'
import './global-setup.ts'

let own: Promise<{ url: string }> | undefined

/** The project's server, or one of this file's own where the project has none. */
export async function serverUrl(): Promise<string> {
  const shared: string | undefined = inject('postgresUrl')
  if (shared !== undefined) return shared
  own ??= startServer()
  return (await own).url
}

/** A database as far as a store can tell: a schema that nobody else uses. */
export type Place = { url: string; options: PostgresOptions & { schema: string } }

export async function newPlace(): Promise<Place> {
  const schema = `t_${randomBytes(8).toString('hex')}`
  return { url: await serverUrl(), options: { schema, connections: 4 } }
}

/** A whole database of its own, for what is not told about schemas. */
export async function newDatabase(): Promise<string> {
  const url = new URL(await serverUrl())
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
    Buffer.isBuffer(value) ? value.toString('hex') : value,
  ])
  return Object.fromEntries(entries) as Record<string, unknown>
}
