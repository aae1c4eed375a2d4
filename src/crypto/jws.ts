import { ed25519 } from '@noble/curves/ed25519.js'
import {
  calculateJwkThumbprint,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  importJWK,
  jwtVerify,
  SignJWT,
  type CryptoKey,
  type JWTPayload,
} from 'jose'
import { toBase64Url, type Bytes } from '../core/bytes.ts'
import { parseId, parseTenantId, type SubjectId, type TenantId } from '../core/id.ts'
import { secret, type Secret } from '../core/secret.ts'
import type { Instant } from '../core/time.ts'

/** Sessions of persons: JWTs signed with Ed25519 (RFC 8037), one algorithm and one type, whatever the header says. */
const ALGORITHM = 'EdDSA'
const CURVE = 'Ed25519'
/** RFC 8725 §3.11: an explicit type, so that no other JWT of ours can pass for a session. */
const TYPE = 'cloakroom-session+jwt'

/** What a verifier needs, and may be published. `kid` is the RFC 7638 thumbprint. */
export type PublicJwk = {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly kid: string
  readonly alg: 'EdDSA'
  readonly use: 'sig'
}

/** Ready for use; the private part can no longer be taken out. */
export type SigningKey = { readonly kid: string; readonly privateKey: CryptoKey; readonly jwk: PublicJwk }

/** By `kid`: the current key, and earlier ones while a token of theirs may live. */
export type SessionKeys = ReadonlyMap<string, CryptoKey>

export type SessionClaims = {
  readonly iss: string
  readonly aud: string
  readonly tenant: TenantId
  readonly subject: SubjectId
  readonly jti: string
  /** Seconds since the epoch, as RFC 7519 has it. */
  readonly iat: number
  /** Seconds since the epoch; the first second at which the token is no longer taken. */
  readonly exp: number
}

export type SessionRefusal =
  'malformed' | 'header_refused' | 'key_unknown' | 'signature_invalid' | 'claims_invalid' | 'expired'

export type SessionVerdict = { ok: true; claims: SessionClaims } | { ok: false; reason: SessionRefusal }

/** @param seed 32 uniformly random bytes: the private key of RFC 8032 §5.1.5. */
export async function importSigningKey(seed: Secret<Bytes>): Promise<SigningKey> {
  const x = toBase64Url(ed25519.getPublicKey(seed.exposeSecret()))
  const publicPart = { kty: 'OKP', crv: CURVE, x } as const
  const d = toBase64Url(seed.exposeSecret())
  const privateKey = await importJWK({ ...publicPart, d }, ALGORITHM, { extractable: false })
  const kid = await calculateJwkThumbprint(publicPart)
  return { kid, privateKey, jwk: { ...publicPart, kid, alg: ALGORITHM, use: 'sig' } }
}

/**
 * The tenant that a token claims, to find the keys that can say whether it is true. Nothing is verified yet.
 * @returns undefined for what is no JWT.
 */
export function claimedTenant(token: Secret<string>): TenantId | undefined {
  try {
    const { tenant } = decodeJwt(token.exposeSecret())
    return typeof tenant === 'string' ? parseTenantId(tenant) : undefined
  } catch {
    // Its only failure is a text that is no JWT: the answer of this function.
    return undefined
  }
}

export function publicJwk(key: SigningKey): PublicJwk {
  return key.jwk
}

export async function importPublicJwk(jwk: PublicJwk): Promise<CryptoKey> {
  return await importJWK({ ...jwk }, ALGORITHM)
}

export async function signSession(key: SigningKey, claims: SessionClaims): Promise<Secret<string>> {
  const token = await new SignJWT({ tenant: claims.tenant })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: key.kid })
    .setIssuer(claims.iss)
    .setAudience(claims.aud)
    .setSubject(claims.subject)
    .setJti(claims.jti)
    .setIssuedAt(claims.iat)
    .setExpirationTime(claims.exp)
    .sign(key.privateKey)
  return secret(token)
}

/**
 * Whether a token is a live session of ours. A bad token is an answer, not an exception. Nothing in it chooses the
 * algorithm or brings a key; whether the session was ended early is for the caller to ask.
 */
export async function verifySession(
  keys: SessionKeys,
  token: Secret<string>,
  expected: { iss: string; aud: string; now: Instant },
): Promise<SessionVerdict> {
  const header = headerOf(token.exposeSecret())
  if (header === undefined) return { ok: false, reason: 'malformed' }
  // RFC 7515 §4.1.11: no extension is used here, so whatever is called critical is not understood.
  if ('crit' in header) return { ok: false, reason: 'header_refused' }
  const key = keys.get(header.kid ?? '')
  if (key === undefined) return { ok: false, reason: 'key_unknown' }
  try {
    const { payload } = await jwtVerify(token.exposeSecret(), key, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer: expected.iss,
      audience: expected.aud,
      currentDate: new Date(expected.now),
      requiredClaims: ['sub', 'tenant', 'jti', 'iat', 'exp'],
    })
    const claims = claimsOf(payload, expected)
    return claims === undefined ? { ok: false, reason: 'claims_invalid' } : { ok: true, claims }
  } catch (error) {
    return { ok: false, reason: refusalFor(error) }
  }
}

function headerOf(token: string): ReturnType<typeof decodeProtectedHeader> | undefined {
  try {
    return decodeProtectedHeader(token)
  } catch {
    // A TypeError for any text that is not a compact JWS: the whole of what this function has to find out.
    return undefined
  }
}

function claimsOf(payload: JWTPayload, expected: { iss: string; aud: string }): SessionClaims | undefined {
  const { tenant: claimedTenant, sub, jti, iat, exp } = payload
  const tenant = typeof claimedTenant === 'string' ? parseTenantId(claimedTenant) : undefined
  const subject = parseId('sub', sub ?? '')
  if (payload.aud !== expected.aud || !tenant || !subject) return undefined
  if (typeof jti !== 'string' || iat === undefined || exp === undefined) return undefined
  return { iss: expected.iss, aud: expected.aud, tenant, subject, jti, iat, exp }
}

/** @throws whatever is not a judgement on the token. */
function refusalFor(error: unknown): SessionRefusal {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed) return 'claims_invalid'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature_invalid'
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return 'header_refused'
  }
  if (error instanceof errors.JOSEError) return 'malformed'
  throw error
}
