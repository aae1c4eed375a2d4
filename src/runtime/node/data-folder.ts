import Database from 'better-sqlite3'
import { accessSync, chmodSync, constants } from 'node:fs'
import { join } from 'node:path'
import { VaultError } from '../../core/errors.ts'
import { FOLDER_MODE, makeFolder } from './durable-folder.ts'

export type DataFolder = { path: string; release(): void }

const LOCK_FILE = 'lock.sqlite'

/**
 * Creates the folder if it is missing, readable by its owner alone, and holds it for this process: the lock is the
 * kernel's, on a file of its own, so it ends with the process however that ends.
 * @throws VaultError `data_folder_unwritable` or `data_folder_in_use`.
 */
export function openDataFolder(path: string): DataFolder {
  prepareFolder(path)
  const lock = takeLock(path)
  return { path, release: () => void lock.close() }
}

function prepareFolder(path: string): void {
  try {
    if (makeFolder(path)) chmodSync(path, FOLDER_MODE)
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

export function unwritable(path: string, cause: unknown): VaultError {
  return new VaultError('data_folder_unwritable', `The data folder ${path} cannot be written to.`, { cause })
}

function takeLock(path: string): Database.Database {
  let lock: Database.Database | undefined
  try {
    lock = new Database(join(path, LOCK_FILE), { timeout: 0 })
    lock.pragma('locking_mode = EXCLUSIVE')
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (cause) {
    lock?.close()
    const code = cause instanceof Database.SqliteError ? cause.code : ''
    if (!code.startsWith('SQLITE_BUSY') && !code.startsWith('SQLITE_LOCKED')) throw unwritable(path, cause)
    throw new VaultError(
      'data_folder_in_use',
      `The data folder ${path} is in use by another process. Only one may open it at a time.`,
      { cause },
    )
  }
}
