import { parseTenantId } from '../../core/id.ts'
import type { TenantId } from '../../core/id.ts'
import { parseCredential } from '../../crypto/credential.ts'
import { claimedTenant } from '../../crypto/jws.ts'
import { bearerOf } from '../../http/middleware/bearer.ts'

/** The paths that name a tenant: its public keys, its log. */
const NAMED = /^\/(?:t|log)\/([^/]+)\//

/** Whose keys stand at the service's own well-known path, as on Node. */
const FIRST_TENANT = 'default'
const WELL_KNOWN_KEYS = '/.well-known/jwks.json'

/**
 * Whom a request is for, by what it says itself: path, credential or session, none of them checked. The tenant's object
 * checks, and holds nothing of another tenant's.
 */
export function tenantOf(request: Request): TenantId | undefined {
  const { pathname } = new URL(request.url)
  const named = NAMED.exec(pathname)?.[1]
  if (named !== undefined) return parseTenantId(named)
  if (pathname === WELL_KNOWN_KEYS) return parseTenantId(FIRST_TENANT)
  const bearer = bearerOf(request.headers)
  return bearer && (parseCredential(bearer.exposeSecret())?.tenant ?? claimedTenant(bearer))
}
