import { realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { VaultError } from '../../../core/errors.ts'
import { hostUrls } from '../postgres-hosts.ts'
import { openDatabaseSource, openDatabaseTarget } from './postgres-side.ts'
import { openFolderSource, openFolderTarget } from './sqlite-side.ts'
import type { Source, Target } from './side.ts'

/** Where a store is, or will be. */
export type Place = { kind: 'folder' | 'backup'; path: string } | { kind: 'database'; url: string }

/** @throws VaultError `invalid_request` for a URL of another kind, or one that lacks its database. */
export function parsePlace(text: string): Place {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { kind: kindOfPath(text), path: resolve(text) }
  const [server] = hostUrls(text) ?? []
  // The sentence must not repeat it: there may be a password in it.
  if (server === undefined) {
    throw new VaultError('invalid_request', 'A store is a data folder, a backup file or a postgres:// URL.')
  }
  if (new URL(server).pathname.length < 2) {
    throw new VaultError('invalid_request', 'The postgres:// URL has to name its database.')
  }
  return { kind: 'database', url: text }
}

function kindOfPath(path: string): 'folder' | 'backup' {
  const found = statSync(path, { throwIfNoEntry: false })
  return found?.isFile() === true ? 'backup' : 'folder'
}

export function isSamePlace(one: Place, other: Place): boolean {
  if (one.kind === 'database') return other.kind === 'database' && shareServer(one.url, other.url)
  return other.kind !== 'database' && realPath(one.path) === realPath(other.path)
}

/** One of a cluster's servers has what the others have. */
function shareServer(one: string, other: string): boolean {
  const databases = new Set(databasesOf(one))
  return databasesOf(other).some((database) => databases.has(database))
}

function databasesOf(text: string): string[] {
  return (hostUrls(text) ?? []).map((server) => {
    const { hostname, port, pathname } = new URL(server)
    return `${hostname}:${port === '' ? '5432' : port}${pathname}`
  })
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    // What is not there yet is itself.
    return path
  }
}

/** @throws VaultError as `openFolderSource`, `openDatabaseSource`; `invalid_request` for a backup. */
export async function openSource(place: Place): Promise<Source> {
  if (place.kind === 'database') return openDatabaseSource(place.url)
  if (place.kind === 'folder') return openFolderSource(place.path)
  throw new VaultError(
    'invalid_request',
    `${place.path} is a file, and neither a data folder nor a database.`,
  )
}

/** @throws VaultError as `openFolderTarget`, `openDatabaseTarget`; `invalid_request` for a file. */
export async function openTarget(place: Place): Promise<Target> {
  if (place.kind === 'database') return openDatabaseTarget(place.url)
  if (place.kind === 'folder') return openFolderTarget(place.path)
  throw new VaultError(
    'invalid_request',
    `${place.path} is a file: a store is moved into a folder or a database.`,
  )
}
