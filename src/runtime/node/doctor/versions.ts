import Database from 'better-sqlite3'
import pg from 'pg'
import type { VersionFacts } from '../../../vault/doctor/facts.ts'
import type { Writer } from '../postgres-writer.ts'

type Schema = VersionFacts['schema']

export function sqliteVersions(schema: Schema): VersionFacts {
  const memory = new Database(':memory:')
  try {
    const sqlite = String(memory.prepare('select sqlite_version()').pluck().get())
    return { node: process.versions.node, sqlite, postgres: undefined, schema }
  } finally {
    memory.close()
  }
}

/** @throws what the driver does for a server that does not answer. */
export async function postgresVersions(writer: Writer, schema: Schema): Promise<VersionFacts> {
  const client = new pg.Client(await writer.find())
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return { node: process.versions.node, sqlite: undefined, postgres: rows[0]?.server_version, schema }
  } finally {
    await client.end().catch(() => undefined)
  }
}
