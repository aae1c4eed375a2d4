import { ed25519 } from '@noble/curves/ed25519.js'
import { base64url, SignJWT, UnsecuredJWT } from 'jose'
import { createHmac, randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Bytes } from '../../src/core/bytes.ts'
import { secret, type Secret } from '../../src/core/secret.ts'
import { instant } from '../../src/core/time.ts'
import {
  claimedTenant,
  importPublicJwk,
  importSigningKey,
  publicJwk,
  signSession,
  verifySession,
  type SessionClaims,
  type SessionKeys,
  type SigningKey,
} from '../../src/crypto/jws.ts'
import { anySubject, hex, tenantId } from './keys-for-tests.ts'

const NOW_S = 1_800_000_000
const expected = { iss: 'https://vault.example', aud: 'portal', now: instant(NOW_S * 1000) }
const claims: SessionClaims = {
  iss: expected.iss,
  aud: expected.aud,
  tenant: tenantId('default'),
  subject: anySubject(),
  jti: 'ses_1',
  iat: NOW_S - 10,
  exp: NOW_S + 600,
}

function anySeed(): Secret<Bytes> {
  return secret(Uint8Array.from(randomBytes(32)))
}

let key: SigningKey
let keys: SessionKeys

beforeAll(async () => {
  key = await importSigningKey(anySeed())
  keys = new Map([[key.kid, await importPublicJwk(publicJwk(key))]])
})

/** A token that our own key signed, wrong in whatever the caller says. */
async function forged(header: Record<string, unknown>, payload: Record<string, unknown> = {}) {
  const { tenant, subject, ...registered } = claims
  return await new SignJWT({ ...registered, sub: subject, tenant, ...payload })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'cloakroom-session+jwt', kid: key.kid, ...header })
    .sign(key.privateKey, { crit: { 'x-ours': true } })
}

async function reasonFor(token: string, asked = expected): Promise<string> {
  const verdict = await verifySession(keys, secret(token), asked)
  return verdict.ok ? 'accepted' : verdict.reason
}

describe('a session token', () => {
  test('gives its claims back while it lives', async () => {
    expect(await verifySession(keys, await signSession(key, claims), expected)).toEqual({ ok: true, claims })
  })

  test('is built by the tests as the vault builds it: unchanged, it is accepted', async () => {
    expect(await reasonFor(await forged({}))).toBe('accepted')
  })

  test('ends with its last second, by the clock that is passed in', async () => {
    const token = (await signSession(key, claims)).exposeSecret()
    const at = (seconds: number) => ({ ...expected, now: instant(seconds * 1000) })
    expect(await reasonFor(token, at(claims.exp - 1))).toBe('accepted')
    expect(await reasonFor(token, at(claims.exp))).toBe('expired')
    expect(await reasonFor(token, at(claims.exp + 1))).toBe('expired')
  })

  test('for another issuer or audience, or with a claim missing or wrong, is refused', async () => {
    const wrong: Record<string, unknown>[] = [
      { iss: 'https://other.example' },
      { aud: 'console' },
      { aud: ['portal', 'console'] },
      { sub: 'mer_0123456789abcdefghjkmnpqrs' },
      { sub: undefined },
      { tenant: 'NOT A TENANT' },
      { tenant: undefined },
      { jti: undefined },
      { iat: undefined },
      { exp: undefined },
    ]
    for (const payload of wrong) {
      expect(await reasonFor(await forged({}, payload)), JSON.stringify(payload)).toBe('claims_invalid')
    }
  })

  test('of another type is refused, so that no other JWT of ours passes', async () => {
    for (const typ of ['JWT', 'at+jwt', undefined]) {
      expect(await reasonFor(await forged({ typ }))).toBe('claims_invalid')
    }
  })

  test('with critical extensions is refused, understood by the library or not', async () => {
    expect(await reasonFor(await forged({ crit: ['b64'], b64: true }))).toBe('header_refused')
    expect(await reasonFor(await forged({ crit: ['x-ours'], 'x-ours': 1 }))).toBe('header_refused')
  })

  test('cannot choose its algorithm: none, and HMAC with the public key, are refused', async () => {
    const header = { alg: 'none', typ: 'cloakroom-session+jwt', kid: key.kid }
    const { tenant, subject, ...registered } = claims
    const unsecured = new UnsecuredJWT({ ...registered, sub: subject, tenant }).encode()
    const payload = unsecured.split('.')[1] ?? ''
    expect(await reasonFor(unsecured)).not.toBe('accepted')
    expect(await reasonFor(`${base64url.encode(JSON.stringify(header))}.${payload}.`)).toBe('header_refused')
    const head = `${base64url.encode(JSON.stringify({ ...header, alg: 'HS256' }))}.${payload}`
    const mac = createHmac('sha256', Buffer.from(publicJwk(key).x, 'base64url'))
      .update(head)
      .digest('base64url')
    expect(await reasonFor(`${head}.${mac}`)).toBe('header_refused')
  })

  test('cannot bring its key', async () => {
    const attacker = await importSigningKey(anySeed())
    const withKey = (header: Record<string, unknown>) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'cloakroom-session+jwt', ...header })
        .sign(attacker.privateKey)
    expect(await reasonFor(await withKey({ kid: key.kid, jwk: publicJwk(attacker) }))).toBe(
      'signature_invalid',
    )
    expect(await reasonFor(await withKey({ kid: attacker.kid, jwk: publicJwk(attacker) }))).toBe(
      'key_unknown',
    )
    expect(await reasonFor(await withKey({}))).toBe('key_unknown')
  })

  test('with any one letter changed is refused, and so is what is no token at all', async () => {
    const token = (await signSession(key, claims)).exposeSecret()
    for (let at = 0; at < token.length - 1; at++) {
      const wrong = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
      expect(await reasonFor(wrong), `letter ${at}`).not.toBe('accepted')
    }
    for (const text of [
      '',
      '.',
      '..',
      'a.b.c',
      'null.null.null',
      '.'.repeat(100),
      `${token}.`,
      ` ${token}`,
    ]) {
      expect(await reasonFor(text), text).not.toBe('accepted')
    }
  })
})

describe('the tenant that a token claims', () => {
  test('is read without belief, and only where there is one', async () => {
    expect(claimedTenant(await signSession(key, claims))).toBe('default')
    expect(claimedTenant(secret(await forged({}, { tenant: 'other' })))).toBe('other')
    for (const tenant of ['NOT A TENANT', 7, undefined]) {
      expect(claimedTenant(secret(await forged({}, { tenant })))).toBeUndefined()
    }
    for (const text of ['', 'a.b.c', '...']) expect(claimedTenant(secret(text))).toBeUndefined()
  })
})

describe('a signing key', () => {
  test('is that of RFC 8032, 7.1, for its seed', async () => {
    const seed = hex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
    const { jwk } = await importSigningKey(secret(seed))
    expect(Buffer.from(jwk.x, 'base64url').toString('hex')).toBe(
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    )
    expect(jwk.kid).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
  })

  test('comes from its seed alone, and is then locked in', async () => {
    const seed = anySeed()
    const [one, two] = [await importSigningKey(seed), await importSigningKey(seed)]
    expect(one.kid).toBe(two.kid)
    expect(one.privateKey.extractable).toBe(false)
    const publicKey = await importPublicJwk(publicJwk(two))
    const verdict = await verifySession(
      new Map([[two.kid, publicKey]]),
      await signSession(one, claims),
      expected,
    )
    expect(verdict.ok).toBe(true)
    const token = (await signSession(one, claims)).exposeSecret()
    const [head, payload, signature = ''] = token.split('.')
    const message = new TextEncoder().encode(`${head}.${payload}`)
    expect(
      ed25519.verify(Buffer.from(signature, 'base64url'), message, Buffer.from(one.jwk.x, 'base64url')),
    ).toBe(true)
  })

  test('shows its public half only', async () => {
    const seed = anySeed()
    const imported = await importSigningKey(seed)
    expect(Object.keys(publicJwk(imported)).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
    const shown = `${inspect(seed)} ${inspect(imported, { depth: 9 })} ${JSON.stringify(imported)}`
    expect(shown).not.toContain(Buffer.from(seed.exposeSecret()).toString('base64url'))
    expect(shown).toContain(imported.jwk.x)
  })

  test('is refused when the seed has another length', async () => {
    for (const length of [0, 31, 33]) {
      await expect(importSigningKey(secret(new Uint8Array(length)))).rejects.toThrow(Error)
    }
  })
})
