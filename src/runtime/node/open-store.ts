import { VaultError } from '../../core/errors.ts'
import type { VersionFacts } from '../../vault/doctor/facts.ts'
import type { VaultStore } from '../../vault/store.ts'
import type { CopyDatabase } from './backup/copy.ts'
import type { Config } from './config.ts'
import { postgresVersions, sqliteVersions } from './doctor/versions.ts'
import { openPostgresStore } from './postgres.ts'
import { seekLead } from './postgres-lead.ts'
import type { Lead } from './postgres-lead.ts'
import { openSqliteStore } from './sqlite.ts'

/** A store of either engine. */
export type OpenedStore = {
  store: VaultStore
  copyTo: CopyDatabase
  /** Seeks to be the one process that does the periodic work. */
  seekLead: () => Lead
  /** Of what it runs on. */
  versions: () => Promise<VersionFacts>
  close: () => Promise<void>
}

/** A data folder is one process's own. */
const ALONE: Lead = { leads: () => true, stop: () => Promise.resolve() }

/** The store that the configuration names. @throws VaultError as `openSqliteStore` or `openPostgresStore`. */
export async function openStore(
  config: Pick<Config, 'dataFolder' | 'databaseUrl'>,
  onFatal: (cause: unknown) => void,
): Promise<OpenedStore> {
  if (config.databaseUrl === undefined) {
    const opened = await openSqliteStore(config.dataFolder, { onFatal })
    return { ...opened, seekLead: () => ALONE, versions: () => Promise.resolve(sqliteVersions('this')) }
  }
  const opened = await openPostgresStore(config.databaseUrl.exposeSecret())
  return {
    ...opened,
    copyTo: noCopy,
    seekLead: () => seekLead(opened.writer),
    versions: () => postgresVersions(opened.writer, 'this'),
  }
}

const noCopy: CopyDatabase = () => Promise.reject(onlyInFolder('This backup'))

/** @throws VaultError `config_invalid` if the vault is on PostgreSQL. */
export function requireDataFolder(config: Pick<Config, 'databaseUrl'>, what: string): void {
  if (config.databaseUrl !== undefined) throw onlyInFolder(what)
}

function onlyInFolder(what: string): VaultError {
  return new VaultError(
    'config_invalid',
    `${what} is there for a data folder only, and CLOAKROOM_DATABASE_URL is set: see docs/postgres.md.`,
  )
}
