import { equalBytes, utf8 } from '../../core/bytes.ts'
import { isVaultError } from '../../core/errors.ts'
import type { ErrorCode } from '../../core/errors.ts'
import { parseTenantId } from '../../core/id.ts'
import type { TenantId } from '../../core/id.ts'
import { sha256 } from '../../core/sha256.ts'
import { bearerOf } from '../../http/middleware/bearer.ts'
import { PROBLEMS } from '../../http/problem.ts'
import type { AdminCall, Outcome } from './administer.ts'
import { parseAdminCall } from './admin-call.ts'
import type { Settings } from './bindings.ts'

// What `cloakroom tenant` does at the machine on Node: there is no machine here, so whoever runs the service has a secret.

const PATH = /^\/admin\/tenants\/([^/]+)(?:\/(credentials|quota|retention|keys|rest)(?:\/([^/]+))?)?$/

/** As much as a credential has, near enough: 32 letters of base62 are 190 bits. */
const MIN_SECRET_CHARS = 32

/** Whatever holds the tenants. @throws VaultError of a service that is set up wrongly. */
export type Administer = (tenant: TenantId, call: AdminCall) => Promise<Outcome>

/** @returns undefined where the path is none of the operator's, or the service has no secret for it. */
export async function answerAdmin(
  request: Request,
  { CLOAKROOM_ADMIN_SECRET }: Settings,
  administer: Administer,
): Promise<Response | undefined> {
  const [, name, noun = '', detail] = PATH.exec(new URL(request.url).pathname) ?? []
  const expected = CLOAKROOM_ADMIN_SECRET ?? ''
  if (name === undefined || expected.length < MIN_SECRET_CHARS) return undefined
  if (!isSecret(request, expected)) return refusal('unauthenticated', 'This needs the admin secret.')
  try {
    const call = await parseAdminCall(request, noun, detail)
    const tenant = parseTenantId(name)
    if (!tenant) {
      return refusal('invalid_request', 'A tenant is named by 1 to 40 of a-z 0-9 - and begins with a letter.')
    }
    const outcome = await administer(tenant, call)
    if (!outcome.ok) return refusal(outcome.code, outcome.message)
    return 'bytes' in outcome ? page(outcome.bytes) : json(outcome.status, outcome.body)
  } catch (error) {
    if (!isVaultError(error)) throw error
    return refusal(error.code, error.message)
  }
}

/** Hashes are compared, and in constant time: neither length nor beginning of the secret shows. */
function isSecret(request: Request, expected: string): boolean {
  const given = bearerOf(request.headers)?.exposeSecret()
  return given !== undefined && equalBytes(sha256(utf8(given)), sha256(utf8(expected)))
}

/** Whoever runs the service is told what is wrong with it, also what every other caller hears as an internal error. */
function refusal(code: ErrorCode, detail: string): Response {
  const { status, title, retryable } = PROBLEMS[code]
  return json(status, { type: `urn:cloakroom:problem:${code}`, title, status, code, detail, retryable })
}

function json(status: number, body: object): Response {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': type, 'cache-control': 'no-store' },
  })
}

function page(bytes: Uint8Array): Response {
  const headers = { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' }
  return new Response(bytes, { headers })
}
