import { VaultError } from '../../core/errors.ts'
import type { Secret } from '../../core/secret.ts'
import type { Caller } from '../../vault/principals/principal.ts'
import { makeClaim } from '../../vault/requests/idempotency.ts'
import type { Claim } from '../../vault/requests/idempotency.ts'

const PRINTABLE_ASCII = /^[\x20-\x7e]{1,255}$/

/** @throws VaultError `invalid_request` for a header that is not 1–255 printable ASCII characters. */
export function idempotencyKeyOf(headers: Headers): string | undefined {
  const given = headers.get('idempotency-key')
  if (given === null) return undefined
  if (PRINTABLE_ASCII.test(given)) return given
  throw new VaultError('invalid_request', 'The Idempotency-Key must be 1 to 255 printable ASCII characters.')
}

export function claimFor(
  caller: Caller,
  bearer: Secret<string>,
  key: string,
  request: { method: string; path: string; body: Uint8Array },
): Claim {
  const id = caller.kind === 'person' ? caller.session : caller.credential
  return makeClaim({ tenant: caller.tenant, caller: id, bearer }, key, request)
}
