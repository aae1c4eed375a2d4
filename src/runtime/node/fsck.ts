import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { VaultError, isVaultError } from '../../core/errors.ts'
import { localKek } from '../../crypto/kek.ts'
import type { Kek } from '../../crypto/kek.ts'
import { sqliteFsckReader } from '../../storage/sqlite/reads/fsck.ts'
import { parseVerifier } from '../../tlog/note.ts'
import type { Verifier } from '../../tlog/note.ts'
import { checkVault } from '../../vault/log/fsck/check.ts'
import type { FsckCounts, FsckReport } from '../../vault/log/fsck/check.ts'
import type { FsckReader } from '../../vault/log/fsck/reader.ts'
import type { Config } from './config.ts'
import { openDataFolder } from './data-folder.ts'
import { requireDataFolder } from './open-store.ts'
import { readPassphrase } from './passphrase.ts'
import { loadRootKey } from './root-key.ts'
import { DATABASE_FILE, requireNode, sqliteDriver } from './sqlite.ts'
import { connectUnchanged, readingError } from './unchanged.ts'

export type { FsckCounts, FsckReport }
export type { Finding } from '../../vault/log/fsck/finding.ts'

export type FsckJob = {
  /** A database file by itself; undefined for the one in the data folder, which is then held. */
  database: string | undefined
  /** Checkpoints that were kept elsewhere: signed notes. */
  witnessed: readonly string[]
  /** Verifier keys of logs that were got elsewhere. @see parseVerifier */
  vkeys: readonly string[]
}

export type FsckResult = FsckCounts & {
  /** Why signatures could not be looked at; undefined if they were. */
  unsignedBecause: string | undefined
}

/**
 * Checks a stopped service's data folder, or a database file by itself. Nothing in either is changed but for the folder's lock.
 * @param start is told how many events there are, before the first is read.
 * @throws VaultError `data_folder_in_use`, `database_unreadable`, `config_invalid` for a verifier key that is none.
 */
export async function fsck(
  config: Config,
  job: FsckJob,
  report: FsckReport & { start(events: number): void },
): Promise<FsckResult> {
  requireNode(process.versions.node)
  if (job.database === undefined) requireDataFolder(config, 'This check')
  const verifiers = job.vkeys.map(readVerifier)
  const path = job.database ?? join(config.dataFolder, DATABASE_FILE)
  if (!existsSync(path)) throw new VaultError('database_unreadable', `There is no database at ${path}.`)
  const held = job.database === undefined ? openDataFolder(dirname(path)) : undefined
  try {
    const opened = openUnchanged(path)
    try {
      const { reader } = opened
      report.start(await reader.countEvents())
      const root = await openRoot(config)
      const kek = 'kek' in root ? root.kek : undefined
      const counts = await checkVault({ reader, kek, verifiers, witnessed: job.witnessed }, report)
      const unsignedBecause = counts.unsigned > 0 && 'why' in root ? root.why : undefined
      return { ...counts, unsignedBecause }
    } finally {
      opened.close()
    }
  } catch (error) {
    throw readingError(path, error)
  } finally {
    held?.release()
  }
}

function readVerifier(vkey: string): Verifier {
  const verifier = parseVerifier(vkey)
  if (!verifier) throw new VaultError('config_invalid', `This is no verifier key: ${vkey.slice(0, 80)}`)
  return verifier
}

/** Without the root key everything but signatures can be checked: a missing one is no reason to stop. */
async function openRoot(config: Config): Promise<{ kek: Kek } | { why: string }> {
  try {
    const { passphraseFile: file, environment } = config
    const passphrase = file === undefined ? undefined : await readPassphrase(file)
    const key = await loadRootKey(config.rootKeyFile, { environment, ...(passphrase && { passphrase }) })
    return { kek: localKek(key) }
  } catch (error) {
    if (!isVaultError(error)) throw error
    return { why: error.message }
  }
}

type Opened = { reader: FsckReader; close(): void }

function openUnchanged(path: string): Opened {
  const { client, close } = connectUnchanged(path)
  return { reader: sqliteFsckReader(sqliteDriver(client).db), close }
}
