import { timedId } from '../../core/id.ts'
import type { SessionId, SubjectId, TenantId } from '../../core/id.ts'
import type { Secret } from '../../core/secret.ts'
import { HOUR_MS, SECOND_MS, after, instant } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { SymmetricKey } from '../../crypto/envelope.ts'
import {
  claimedTenant,
  importPublicJwk,
  importSigningKey,
  publicJwk,
  signSession,
  verifySession,
} from '../../crypto/jws.ts'
import type { PublicJwk, SessionClaims, SigningKey } from '../../crypto/jws.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import { notFound, transact } from '../transact.ts'
import type { Call, Plan } from '../transact.ts'
import type { Vault } from '../vault.ts'
import type { Caller, PersonCaller, PlatformCaller } from './principal.ts'

/** Long enough to read through one's accesses, short enough that a forgotten tab is no open door. */
const SESSION_LIVES_MS = HOUR_MS
const AUDIENCE = 'cloakroom'

export type OpenedSession = { session: SessionId; token: string; portalUrl: string; expiresAt: Instant }

/** Importing costs a scalar multiplication, so it is done once for as long as the keyring holds the key. */
const imported = new WeakMap<SymmetricKey, Promise<SigningKey>>()

function importOnce(key: SymmetricKey): Promise<SigningKey> {
  const known = imported.get(key) ?? importSigningKey(key.material)
  imported.set(key, known)
  return known
}

/** All versions of the tenant's session key: the primary first. */
async function signingKeys(vault: Vault, tenant: TenantId): Promise<readonly SigningKey[]> {
  const { session } = await vault.keyring.tenantKeys(tenant)
  const others = session.all.filter(({ version }) => version !== session.primary.version)
  return Promise.all([session.primary, ...others].map(({ key }) => importOnce(key)))
}

/** The public halves, for whoever wants to check a session token: RFC 7517. */
export async function sessionJwks(vault: Vault, tenant: TenantId): Promise<{ keys: readonly PublicJwk[] }> {
  return { keys: (await signingKeys(vault, tenant)).map(publicJwk) }
}

/** Opens a session for a person whom the platform has signed in itself. */
export async function openSession(
  vault: Vault,
  call: Call<PlatformCaller>,
  subject: SubjectId,
): Promise<OpenedSession> {
  const { tenant } = call.caller
  const [signing] = await signingKeys(vault, tenant)
  if (!signing) throw new Error('a tenant without a session key')
  return transact(vault, call, async (): Promise<Plan<OpenedSession>> => {
    const person = await vault.store.findPerson(tenant, subject)
    if (!person || person.subject.state === 'erased') throw notFound('person')
    const now = vault.clock.now()
    const jti = timedId('ses', vault.random, now)
    const issued = Math.floor(now / SECOND_MS)
    const exp = issued + SESSION_LIVES_MS / SECOND_MS
    const claims: SessionClaims = {
      iss: vault.publicUrl,
      aud: AUDIENCE,
      tenant,
      subject,
      jti,
      iat: issued,
      exp,
    }
    const token = (await signSession(signing, claims)).exposeSecret()
    const expiresAt = instant(exp * SECOND_MS)
    const { append } = record(vault, call.caller, now, { type: 'session.opened', session: jti, subject })
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'expect.subject', id: subject, version: person.subject.version },
      { type: 'session.insert', session: jti, subject, expiresAt },
      append,
    ]
    // In the fragment: a browser sends it to nobody, and it stands in no server's log.
    return {
      changes,
      result: { session: jti, token, portalUrl: `${vault.publicUrl}/portal#session=${token}`, expiresAt },
    }
  })
}

/** Ends a session before its time; the platform any of its own, a person the one in use. */
export async function endSession(
  vault: Vault,
  call: Call<PlatformCaller | PersonCaller>,
  session: SessionId,
): Promise<null> {
  return transact(vault, call, async (): Promise<Plan<null>> => {
    const found = await vault.store.findSession(call.caller.tenant, session)
    if (!found || !mayEnd(call.caller, session)) throw notFound('session')
    if (found.endedAt !== null) return { changes: [], result: null }
    const now = vault.clock.now()
    const { append } = record(vault, call.caller, now, {
      type: 'session.ended',
      session,
      subject: found.subject,
    })
    return {
      changes: [expectCaller(call.caller), { type: 'session.end', session, at: now }, append],
      result: null,
    }
  })
}

function mayEnd(caller: Caller, session: SessionId): boolean {
  return caller.kind === 'platform' || (caller.kind === 'person' && caller.session === session)
}

/** @returns the claims of a token that this service signed and whose time has not run out. */
export async function readSession(vault: Vault, token: Secret<string>): Promise<SessionClaims | undefined> {
  const tenant = claimedTenant(token)
  if (!tenant || !(await vault.store.findTenant(tenant))) return undefined
  const keys = await signingKeys(vault, tenant)
  const byKid = await Promise.all(
    keys.map(async ({ kid, jwk }) => [kid, await importPublicJwk(jwk)] as const),
  )
  const expected = { iss: vault.publicUrl, aud: AUDIENCE, now: after(vault.clock.now(), 0) }
  const verdict = await verifySession(new Map(byKid), token, expected)
  return verdict.ok && verdict.claims.tenant === tenant ? verdict.claims : undefined
}
