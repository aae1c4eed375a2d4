import type pg from 'pg'
import { VaultError } from '../core/errors.ts'

/** server_version_num. */
const OLDEST_SERVER = 150_000

/** Of our own choosing; the second half of the lock's number is the schema's. Whoever holds it does the periodic work. */
export const LEAD_LOCK = 0x6c656164

/** @throws VaultError `config_invalid` below PostgreSQL 15, `durability_not_held` if the server does not flush. */
export async function requireServer(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ version: string; number: string; fsync: string }>(
    `select current_setting('server_version') as version, current_setting('server_version_num') as number,
       current_setting('fsync') as fsync`,
  )
  const [server] = rows
  if (Number(server?.number) < OLDEST_SERVER) {
    throw new VaultError(
      'config_invalid',
      `Cloakroom needs PostgreSQL 15 or newer; this server is ${server?.version}.`,
    )
  }
  if (server?.fsync !== 'on') {
    throw new VaultError(
      'durability_not_held',
      'The database does not keep what it acknowledges: fsync is off.',
    )
  }
}
