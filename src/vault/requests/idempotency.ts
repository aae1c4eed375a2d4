import { lengthPrefixed, toHex, utf8, fromUtf8, equalBytes } from '../../core/bytes.ts'
import type { Bytes } from '../../core/bytes.ts'
import { VaultError } from '../../core/errors.ts'
import type { CredentialId, SessionId, TenantId } from '../../core/id.ts'
import { secret } from '../../core/secret.ts'
import type { Secret } from '../../core/secret.ts'
import { sha256 } from '../../core/sha256.ts'
import { DAY_MS } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { open, seal } from '../../crypto/envelope.ts'
import type { SymmetricKey } from '../../crypto/envelope.ts'
import { hkdfExpand, hmacSha256 } from '../../crypto/kdf.ts'
import { notePlace } from '../../crypto/place.ts'
import type { IdempotencyRecord } from '../changes.ts'

/** An answer is kept for 24 hours. */
export const IDEMPOTENCY_LIVES_MS = DAY_MS

/**
 * One caller's `Idempotency-Key` on one request. Everything in it is derived from the caller's own bearer secret, which
 * the vault does not keep: at rest, neither the key's value nor the body can be guessed, nor the stored answer opened.
 */
export type Claim = {
  tenant: TenantId
  caller: CredentialId | SessionId
  key: Bytes
  fingerprint: Bytes
  sealing: SymmetricKey
}

export function makeClaim(
  from: { tenant: TenantId; caller: CredentialId | SessionId; bearer: Secret<string> },
  header: string,
  request: { method: string; path: string; body: Uint8Array },
): Claim {
  const secretBytes = sha256(lengthPrefixed('cloakroom/idempotency', from.bearer.exposeSecret()))
  const key = hmacSha256(secretBytes, lengthPrefixed('key', header))
  return {
    tenant: from.tenant,
    caller: from.caller,
    key,
    fingerprint: hmacSha256(
      secretBytes,
      lengthPrefixed('request', request.method, request.path, request.body),
    ),
    sealing: {
      id: toHex(key.subarray(0, 8)),
      material: secret(hkdfExpand(secretBytes, lengthPrefixed('seal', header), 32)),
    },
  }
}

function placeOf(claim: Claim) {
  return notePlace({ tenant: claim.tenant, kind: 'idempotency', id: toHex(claim.key) })
}

export function recordOf(claim: Claim, kept: unknown, now: Instant): IdempotencyRecord {
  const sealedResult = seal(claim.sealing, utf8(JSON.stringify(kept ?? null)), placeOf(claim))
  return {
    caller: claim.caller,
    key: claim.key,
    fingerprint: claim.fingerprint,
    sealedResult,
    createdAt: now,
  }
}

/** @throws VaultError `idempotency_key_reused` if the first request with this key was another one. */
export function keptIn(record: IdempotencyRecord, claim: Claim): unknown {
  if (!equalBytes(record.fingerprint, claim.fingerprint)) {
    throw new VaultError('idempotency_key_reused', 'This Idempotency-Key was used for another request.')
  }
  return JSON.parse(fromUtf8(open(claim.sealing, record.sealedResult, placeOf(claim))))
}

/**
 * The keys that this process is working on. It answers a retry that overtakes its first with 409; that there is one effect
 * only, on any number of nodes, rests on the unique record in the store.
 */
export class InFlight {
  readonly #keys = new Set<string>()

  /** Runs one call under its claim. @throws VaultError `idempotency_in_flight` if the same is under way. */
  async run<T>(claim: Claim, work: () => Promise<T>): Promise<T> {
    const name = `${claim.tenant} ${claim.caller} ${toHex(claim.key)}`
    if (this.#keys.has(name)) {
      throw new VaultError(
        'idempotency_in_flight',
        'The first request with this Idempotency-Key is still under way.',
        {
          retryAfterS: 1,
        },
      )
    }
    this.#keys.add(name)
    try {
      return await work()
    } finally {
      this.#keys.delete(name)
    }
  }
}
