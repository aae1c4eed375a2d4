import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { VaultError, isVaultError } from '../../../core/errors.ts'
import { postgresStore } from '../../../storage/postgres/store.ts'
import { sqliteStore } from '../../../storage/sqlite/store.ts'
import { diagnose } from '../../../vault/doctor/diagnose.ts'
import type { Diagnosis } from '../../../vault/doctor/diagnose.ts'
import type { Facts, VersionFacts } from '../../../vault/doctor/facts.ts'
import { gatherAll } from '../../../vault/doctor/gather.ts'
import type { VaultStore } from '../../../vault/store.ts'
import type { Vault } from '../../../vault/vault.ts'
import { stopAtOnce } from '../compose.ts'
import type { Config } from '../config.ts'
import { callControl } from '../control.ts'
import type { ControlCommand } from '../control.ts'
import { openDataFolder } from '../data-folder.ts'
import { isUpToDate as isPostgresUpToDate } from '../postgres-migrations.ts'
import { postgresDriver, writerOf } from '../postgres.ts'
import { isUpToDate } from '../sqlite-migrations.ts'
import { DATABASE_FILE, sqliteDriver } from '../sqlite.ts'
import { connectUnchanged, readingError } from '../unchanged.ts'
import { readAdvisories } from './advisories.ts'
import { backupFacts } from './disk-facts.ts'
import { lookAround } from './look-around.ts'
import { postgresVersions, sqliteVersions } from './versions.ts'

export { SEVERITIES, isAtLeast } from '../../../vault/doctor/finding.ts'
export type { Area, Finding, Severity } from '../../../vault/doctor/finding.ts'
export type { Diagnosis }

export type DoctorOrder = {
  /** A file of published faults. */
  advisories: string | undefined
  /** A folder that backups go into. */
  backups: string | undefined
}

/**
 * Looks at a vault and at what it runs on, and changes nothing: a running service is asked what it knows, of a stopped one the store
 * is read.
 * @throws VaultError `not_found` where there is no vault, `invalid_request` for a feed that is none; what reading the store throws.
 */
export async function runDoctor(
  config: Config,
  env: NodeJS.ProcessEnv,
  order: DoctorOrder,
): Promise<Diagnosis> {
  const facts = (await factsOfRunning(config)) ?? (await factsOfStopped(config, env))
  const backup = order.backups === undefined ? undefined : await backupFacts(config, order.backups)
  return diagnose({
    ...facts,
    ...(backup && { backup }),
    ...(order.advisories !== undefined && { advisories: readAdvisories(order.advisories) }),
  })
}

/** `doctor` on the control socket: what the service sees of itself. */
export function doctorCommand(vault: Vault): ControlCommand {
  return async () => {
    const around = await vault.lookAround?.()
    if (!around) throw new VaultError('unavailable', 'The service sees nothing around it.')
    return gatherAll(vault.store, around)
  }
}

async function factsOfRunning({ dataFolder }: Config): Promise<Facts | undefined> {
  try {
    return (await callControl(dataFolder, 'doctor', {})) as Facts
  } catch (error) {
    if (isVaultError(error, 'service_not_running')) return undefined
    throw error
  }
}

async function factsOfStopped(config: Config, env: NodeJS.ProcessEnv): Promise<Facts> {
  return config.databaseUrl === undefined
    ? factsOfFolder(config, env)
    : factsOfDatabase(config, env, config.databaseUrl.exposeSecret())
}

async function factsOfFolder(config: Config, env: NodeJS.ProcessEnv): Promise<Facts> {
  const path = join(config.dataFolder, DATABASE_FILE)
  if (!existsSync(path)) throw new VaultError('not_found', `There is no vault in ${config.dataFolder}.`)
  const held = openDataFolder(dirname(path))
  try {
    const { client, close } = connectUnchanged(path)
    try {
      const schema = await schemaBy(() => isUpToDate(client))
      // What a store of another version holds is not known here.
      const store = schema === 'this' ? sqliteStore(sqliteDriver(client), { onFatal: stopAtOnce }) : NO_STORE
      return await gatherStopped(config, env, store, () => Promise.resolve(sqliteVersions(schema)))
    } finally {
      close()
    }
  } catch (error) {
    throw readingError(path, error)
  } finally {
    held.release()
  }
}

async function factsOfDatabase(config: Config, env: NodeJS.ProcessEnv, url: string): Promise<Facts> {
  const writer = writerOf(url, {})
  const client = new pg.Client(await writer.find())
  client.on('error', () => undefined)
  const store = postgresStore(postgresDriver(writer, {}))
  try {
    await client.connect()
    const schema = await schemaBy(() => isPostgresUpToDate(client, 'public'))
    const known = schema === 'this' ? store : NO_STORE
    return await gatherStopped(config, env, known, () => postgresVersions(writer, schema))
  } finally {
    await client.end().catch(() => undefined)
    await store.close()
  }
}

const NO_STORE: Pick<VaultStore, 'listTenants'> = { listTenants: () => Promise.resolve([]) }

async function schemaBy(isThis: () => boolean | Promise<boolean>): Promise<VersionFacts['schema']> {
  try {
    return (await isThis()) ? 'this' : 'older'
  } catch (error) {
    if (isVaultError(error, 'database_newer')) return 'newer'
    throw error
  }
}

async function gatherStopped(
  config: Config,
  env: NodeJS.ProcessEnv,
  store: Pick<VaultStore, 'listTenants'>,
  versions: () => Promise<VersionFacts>,
): Promise<Facts> {
  const known = store as VaultStore
  const around = await lookAround({
    config,
    env,
    store: known,
    sealed: () => false,
    versions,
    running: undefined,
  })
  return gatherAll(known, around)
}
