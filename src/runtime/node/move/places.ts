import { realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { VaultError, unreachable } from '../../../core/errors.ts'
import type { Secret } from '../../../core/secret.ts'
import { hostUrls } from '../postgres-hosts.ts'
import { openObjectSource, parseObjectUrl } from './object-side.ts'
import { openDatabaseSource, openDatabaseTarget } from './postgres-side.ts'
import { openFolderSource, openFolderTarget } from './sqlite-side.ts'
import type { Source, Target } from './side.ts'

/** Where a store is, or will be. */
export type Place =
  | { kind: 'folder' | 'backup'; path: string }
  | { kind: 'database'; url: string }
  /** A tenant's at the edge. */
  | { kind: 'object'; url: string }

/** @throws VaultError `invalid_request` for a URL of another kind, or one that lacks its database. */
export function parsePlace(text: string): Place {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { kind: kindOfPath(text), path: resolve(text) }
  const object = parseObjectUrl(text)
  if (object !== undefined) return { kind: 'object', url: object }
  const [server] = hostUrls(text) ?? []
  // The sentence must not repeat it: there may be a password in it.
  if (server === undefined) {
    throw new VaultError(
      'invalid_request',
      'A store is a data folder, a backup file, a postgres:// URL, or a tenant at the edge as https://vault.example/admin/tenants/acme.',
    )
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
  if (one.kind === 'object') return other.kind === 'object' && one.url === other.url
  return 'path' in other && realPath(one.path) === realPath(other.path)
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

/**
 * @param secret the admin secret of a service at the edge.
 * @throws VaultError as `openFolderSource`, `openDatabaseSource`, `openObjectSource`; `invalid_request` for a backup.
 */
export async function openSource(place: Place, secret: Secret<string> | undefined): Promise<Source> {
  switch (place.kind) {
    case 'database':
      return openDatabaseSource(place.url)
    case 'object':
      return openObjectSource(place.url, secret)
    case 'folder':
      return openFolderSource(place.path)
    case 'backup':
      throw refused(`${place.path} is a file, and neither a data folder nor a database.`)
    default:
      return unreachable(place)
  }
}

/** @throws VaultError as `openFolderTarget`, `openDatabaseTarget`; `invalid_request` for what nothing is moved into. */
export async function openTarget(place: Place): Promise<Target> {
  switch (place.kind) {
    case 'database':
      return openDatabaseTarget(place.url)
    case 'folder':
      return openFolderTarget(place.path)
    case 'backup':
      throw refused(`${place.path} is a file: a store is moved into a folder or a database.`)
    case 'object':
      throw refused(
        'Nothing is moved into an object at the edge: a store is moved into a folder or a database.',
      )
    default:
      return unreachable(place)
  }
}

function refused(message: string): VaultError {
  return new VaultError('invalid_request', message)
}
