import { opaqueId } from '../../core/id.ts'
import type { Random } from '../../core/id.ts'

/** From 16 characters: anything shorter may be a telephone number, and this is echoed and logged. */
const SANE = /^[A-Za-z0-9_-]{16,64}$/

/** The caller's own `X-Request-Id` where it is one, else a fresh one. */
export function requestIdOf(headers: Headers, random: Random): string {
  const given = headers.get('x-request-id')
  return given !== null && SANE.test(given) ? given : opaqueId('req', random)
}
