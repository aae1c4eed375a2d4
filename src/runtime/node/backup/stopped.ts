import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { VaultError } from '../../../core/errors.ts'
import type { Vault } from '../../../vault/vault.ts'
import { openVault } from '../compose.ts'
import type { Config } from '../config.ts'
import type { Progress } from '../control.ts'
import { createClock } from '../../clock.ts'
import { openDataFolder } from '../data-folder.ts'
import { requireDataFolder } from '../open-store.ts'
import { DATABASE_FILE, openDatabase } from '../sqlite.ts'
import { backUp, backupKeys } from './backup.ts'
import type { BackupOrder } from './backup.ts'
import { removeLeftCopies } from './copy.ts'
import type { Manifest } from './format.ts'
import { keepTombstones } from './keep-tombstones.ts'
import type { Sealed } from './seal.ts'

/**
 * Backs up a vault that no service holds.
 * @throws VaultError `not_found` where there is no vault, `data_folder_in_use`, and as `backUp`.
 */
export async function backUpStopped(
  config: Config,
  tombstonesFile: string | undefined,
  order: BackupOrder,
  report: (progress: Progress) => void,
): Promise<Sealed> {
  requireDataFolder(config, 'This backup')
  const { dataFolder } = config
  // To open a folder without a database would make a vault there.
  if (!existsSync(join(dataFolder, DATABASE_FILE))) {
    throw new VaultError('not_found', `There is no vault in ${dataFolder}.`)
  }
  const { keys, tombstones } = await askVault(config, tombstonesFile)
  const held = openDataFolder(dataFolder)
  try {
    await removeLeftCopies(dataFolder)
    const client = openDatabase(join(dataFolder, DATABASE_FILE))
    try {
      return await backUp(
        {
          dataFolder,
          clock: createClock(0),
          copyTo: (path, progress) =>
            client.backup(path, {
              progress: ({ remainingPages, totalPages }) => progress(remainingPages, totalPages),
            }),
          keys: () => Promise.resolve(keys),
          tombstones: () => Promise.resolve(tombstones),
        },
        order,
        report,
      )
    } finally {
      client.close()
    }
  } finally {
    held.release()
  }
}

async function askVault(config: Config, tombstonesFile: string | undefined) {
  const opened = await openVault(config)
  const { vault } = opened
  try {
    return { keys: await backupKeys(vault), tombstones: await positionOf(vault, tombstonesFile) }
  } finally {
    await opened.close()
  }
}

async function positionOf(vault: Vault, path: string | undefined): Promise<Manifest['tombstones']> {
  if (path === undefined) return null
  const kept = await keepTombstones(vault, path, stop)
  try {
    return await kept.position()
  } finally {
    await kept.stop()
  }
}

function stop(cause: unknown): never {
  throw cause
}
