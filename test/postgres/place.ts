import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { openPostgresStore } from '../../src/runtime/node/postgres.ts'
import type { PostgresOptions } from '../../src/runtime/node/postgres.ts'

/** A database as far as a store can tell: a schema that nobody else uses. */
export type Place = { url: string; options: PostgresOptions & { schema: string } }

export function placeOn(url: string): Place {
  return { url, options: { schema: `t_${randomBytes(8).toString('hex')}`, connections: 4 } }
}

/** A whole database of its own, for what is not told about schemas. */
export async function makeDatabase(serverUrl: string): Promise<string> {
  const url = new URL(serverUrl)
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
