import Database from 'better-sqlite3'
import { existsSync, rmSync, statSync } from 'node:fs'
import { VaultError, isVaultError } from '../../core/errors.ts'
import { MARK_TABLE, refuseUnfinished } from '../move-mark.ts'
import { hasTable } from './sqlite-migrations.ts'

export type Unchanged = { client: Database.Database; close: () => void }

/**
 * One state of a database file, on a connection that cannot write. A service that was killed leaves acknowledged commits in the
 * write-ahead log; to read them there, SQLite makes files beside it, which are taken away again.
 * @param options.toMove takes a store that a move has not filled yet.
 * @throws VaultError `move_unfinished`, or what the engine throws.
 */
export function connectUnchanged(path: string, options: { toMove?: boolean } = {}): Unchanged {
  const [wal, shm] = [`${path}-wal`, `${path}-shm`]
  const before = { wal: existsSync(wal), shm: existsSync(shm) }
  const client = new Database(path, { readonly: true, fileMustExist: true, timeout: 0 })
  const close = () => {
    client.close()
    if (!before.shm) rmSync(shm, { force: true })
    if (!before.wal && existsSync(wal) && statSync(wal).size === 0) rmSync(wal)
  }
  try {
    client.exec('BEGIN')
    if (options.toMove !== true && hasTable(client, MARK_TABLE)) refuseUnfinished()
    return { client, close }
  } catch (error) {
    close()
    throw error
  }
}

/** What the engine itself said, wrapped or not. */
function engineError(error: unknown): InstanceType<typeof Database.SqliteError> | undefined {
  if (error instanceof Database.SqliteError) return error
  return error instanceof Error && error.cause !== undefined ? engineError(error.cause) : undefined
}

/** @returns VaultError `data_folder_in_use` or `database_unreadable` where it was the engine that failed. */
export function readingError(path: string, error: unknown): unknown {
  const said = isVaultError(error) ? undefined : engineError(error)
  if (!said) return error
  const { code, message } = said
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return new VaultError(
      'data_folder_in_use',
      `${path} is in use by another process. Stop the service first.`,
      { cause: error },
    )
  }
  if (code === 'SQLITE_ERROR' && message.startsWith('no such')) return otherVersion(path, error)
  return new VaultError('database_unreadable', `${path} is not a database or is damaged: ${message}.`, {
    cause: error,
  })
}

export function otherVersion(path: string, cause?: unknown): VaultError {
  return new VaultError(
    'database_unreadable',
    `${path} is not a database of this version of Cloakroom. Start and stop the service on it once, then try again.`,
    { cause },
  )
}
