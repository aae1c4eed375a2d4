import type pg from 'pg'
import journal from '../../../../drizzle/postgres/meta/_journal.json' with { type: 'json' }
import { VaultError } from '../../../core/errors.ts'
import { MARK_TABLE, refuseUnfinished } from '../../move-mark.ts'
import { whyNotOpened } from '../../postgres-faults.ts'
import { requireServer } from '../../postgres-server.ts'
import { UNCACHED } from './connection.ts'

/** When the newest migration of this version was made: what drizzle's migrator writes down of those that it has applied. */
const NEWEST = Math.max(...journal.entries.map(({ when }) => when))

/** Found like the tables: by the search path of the user whom Hyperdrive connects as. */
const APPLIED_TABLE = '__drizzle_migrations'

/**
 * The Worker changes no schema: it may be started in a hundred places at once, and the platform ends what takes long.
 * @throws VaultError `database_older` where a process on Node has still to bring it up to date, `database_newer`, `move_unfinished`; as
 *   `requireServer`; `unavailable` if the database does not answer.
 */
export async function requireSchema(client: pg.Client): Promise<void> {
  try {
    await requireServer(client)
    if (await hasTable(client, MARK_TABLE)) refuseUnfinished()
    const last = await lastApplied(client)
    if (last > NEWEST) {
      throw new VaultError('database_newer', 'The database was written by a newer version of Cloakroom.')
    }
    if (last < NEWEST) throw older()
  } catch (error) {
    throw whyNotOpened(error)
  }
}

async function lastApplied(client: pg.Client): Promise<number> {
  if (!(await hasTable(client, APPLIED_TABLE))) throw older()
  const { rows } = await client.query<{ last: string }>(
    `select coalesce(max(created_at), 0) as last from ${APPLIED_TABLE}${UNCACHED}`,
  )
  return Number(rows[0]?.last)
}

async function hasTable(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `select to_regclass($1) is not null as found${UNCACHED}`,
    [name],
  )
  return rows[0]?.found === true
}

function older(): VaultError {
  return new VaultError(
    'database_older',
    'The database has not the schema of this version. Start `cloakroom serve` of this version on it once.',
  )
}
