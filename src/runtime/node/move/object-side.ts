import { VaultError } from '../../../core/errors.ts'
import type { Secret } from '../../../core/secret.ts'
import { decodePage } from '../../../storage/move/page-bytes.ts'
import { decodeRow } from '../../../storage/move/tables.ts'
import { newestSchema } from '../sqlite-migrations.ts'
import { objectCalls } from './object-calls.ts'
import type { ObjectState } from './object-calls.ts'
import { decoded } from './side.ts'
import type { Source } from './side.ts'

/** A tenant of a service at the edge, as its operator names it. The secret goes there: in plain over this machine's own net alone. */
const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\])$/
const TENANT_PATH = /^\/admin\/tenants\/[a-z][a-z0-9-]{0,39}$/

/** @returns undefined for a URL that names no tenant of a service at the edge, or would send the secret in plain. */
export function parseObjectUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, hostname, pathname, username, password, search, hash, origin } = new URL(text)
  const isSafe = protocol === 'https:' || (protocol === 'http:' && LOCAL.test(hostname))
  if (!isSafe || !TENANT_PATH.test(pathname) || username + password + search + hash !== '') return undefined
  return `${origin}${pathname}`
}

/**
 * A tenant's vault in its object. It goes on serving until it is held; from then on it is at rest, and stays so.
 * @throws VaultError `config_invalid` without the admin secret, `database_newer`, `database_older`, and as `ObjectCalls`.
 */
export async function openObjectSource(url: string, secret: Secret<string> | undefined): Promise<Source> {
  if (!secret)
    throw new VaultError('config_invalid', 'Set CLOAKROOM_ADMIN_SECRET to the admin secret of the service.')
  const calls = objectCalls(url, secret)
  let { rest } = requireSchema(url, await calls.find())
  const atRest = () => {
    if (rest !== undefined) return rest
    throw new VaultError('state_conflict', `${url} is not at rest: it is served, and can be written to.`)
  }
  return {
    name: url,
    async hold() {
      ;({ rest } = requireSchema(url, await calls.putToRest()))
    },
    async page(table, after, limit) {
      const page = await calls.rows({ rest: atRest(), table: table.name, after, limit })
      return decoded(`${url}, ${table.name}`, () => {
        const rows = decodePage(page, table.columns.length)
        return rows.map((row) => decodeRow('sqlite', table, row))
      })
    },
    async count(table) {
      return calls.count({ rest: atRest(), table: table.name })
    },
    close: () => Promise.resolve(),
  }
}

function requireSchema(url: string, state: ObjectState): ObjectState {
  const own = newestSchema()
  if (state.schema === own) return state
  const isNewer = state.schema > own
  throw new VaultError(
    isNewer ? 'database_newer' : 'database_older',
    `${url} is of ${isNewer ? 'a newer' : 'an older'} version of Cloakroom than this one. Move it with that version, or deploy this one first.`,
  )
}
