import { VaultError } from '../../../core/errors.ts'
import type { Settings } from '../bindings.ts'

/** What the Worker on PostgreSQL is bound to; docs/edge.md lists it. */
export type PostgresBindings = Settings & { HYPERDRIVE: Hyperdrive }

/** @throws VaultError `config_invalid` if the Worker was deployed without its database. */
export function connectionStringOf({ HYPERDRIVE }: Partial<PostgresBindings>): string {
  if (HYPERDRIVE) return HYPERDRIVE.connectionString
  throw new VaultError('config_invalid', 'The binding HYPERDRIVE of the database is missing.')
}
