import { opaqueId } from '../../core/id.ts'
import type { Random } from '../../core/id.ts'

/**
 * What machines make: a UUID (RFC 9562), a trace id (W3C Trace Context) or 26 letters as of the vault's own. Free text may
 * be somebody's name or number, and this is echoed and logged.
 */
const MACHINE_MADE =
  /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|(?:req_)?[0-9a-hjkmnp-tv-z]{26})$/i

/** The caller's own `X-Request-Id` where it is one, else a fresh one. */
export function requestIdOf(headers: Headers, random: Random): string {
  const given = headers.get('x-request-id')
  return given !== null && MACHINE_MADE.test(given) ? given : opaqueId('req', random)
}
