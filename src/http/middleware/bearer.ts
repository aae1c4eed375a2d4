import { secret } from '../../core/secret.ts'
import type { Secret } from '../../core/secret.ts'

/** RFC 6750 §2.1, and nothing but it: no credential is ever read from a query. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]{1,4096})$/i

export function bearerOf(headers: Headers): Secret<string> | undefined {
  const token = BEARER.exec(headers.get('authorization') ?? '')?.[1]
  return token === undefined ? undefined : secret(token)
}
