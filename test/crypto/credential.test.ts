import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { hasValidChecksum, newCredential, parseCredential } from '../../src/crypto/credential.ts'
import { tenantId } from './keys-for-tests.ts'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const BODY_32 = 'a'.repeat(32)
const tenant = tenantId('acme-eu')

describe('a new credential', () => {
  test('names its tenant, parses, and carries a checksum', () => {
    const text = newCredential(tenant, randomBytes).exposeSecret()
    expect(text).toMatch(/^ck_acme-eu_[0-9A-Za-z]{49}$/)
    expect(hasValidChecksum(text)).toBe(true)
    expect(parseCredential(text)).toEqual({
      tenant: 'acme-eu',
      hash: new Uint8Array(createHash('sha256').update(text).digest()),
    })
  })

  test('cannot be printed', () => {
    const credential = newCredential(tenant, randomBytes)
    expect(`${String(credential)} ${JSON.stringify({ credential })}`).not.toContain('ck_')
    expect(credential.exposeSecret()).toContain('ck_')
  })

  test('uses every letter alike: bytes that would favour some are drawn again', () => {
    const counts = new Map<string, number>()
    const rounds = 5_000
    for (let i = 0; i < rounds; i++) {
      const letters = newCredential(tenant, randomBytes).exposeSecret().slice('ck_acme-eu_'.length, -6)
      for (const letter of letters) counts.set(letter, (counts.get(letter) ?? 0) + 1)
    }
    const expected = (rounds * 43) / 62
    const chiSquared = BASE62.split('').reduce(
      (sum, letter) => sum + ((counts.get(letter) ?? 0) - expected) ** 2 / expected,
      0,
    )
    // 61 degrees of freedom: above 140 once in ten million runs. Plain `byte % 62` gives about 3,000.
    expect(chiSquared).toBeLessThan(140)
  })

  test('has the CRC-32 of all before it, in base62', () => {
    const text = newCredential(tenant, randomBytes).exposeSecret()
    const value = Array.from(text.slice(-6)).reduce((sum, letter) => sum * 62 + BASE62.indexOf(letter), 0)
    expect(value).toBe(crc32(text.slice(0, -6)))
  })
})

describe('the checksum', () => {
  test('finds every single wrong letter', () => {
    const text = newCredential(tenant, randomBytes).exposeSecret()
    for (let at = 'ck_acme-eu_'.length; at < text.length; at++) {
      const wrong = text.slice(0, at) + (text[at] === 'x' ? 'y' : 'x') + text.slice(at + 1)
      expect(hasValidChecksum(wrong)).toBe(false)
    }
    expect(hasValidChecksum(text)).toBe(true)
  })

  test('is not required of a credential made by hand', () => {
    const text = `ck_default_${BODY_32}`
    expect(hasValidChecksum(text)).toBe(false)
    expect(parseCredential(text)?.tenant).toBe('default')
  })
})

test('what cannot be a credential is not parsed', () => {
  const refused = [
    '',
    'ck_default_',
    `ck_default_${'a'.repeat(31)}`,
    `ck_default_${'a'.repeat(129)}`,
    `ck__${BODY_32}`,
    `ck_Default_${BODY_32}`,
    `ck_9lives_${BODY_32}`,
    `ck_-x_${BODY_32}`,
    `ck_a_b_${BODY_32}`,
    `ck_${'a'.repeat(41)}_${BODY_32}`,
    `sk_default_${BODY_32}`,
    ` ck_default_${BODY_32}`,
    `ck_default_${BODY_32}\n`,
    `ck_default_${BODY_32}-`,
    `ck_default_${'ａ'.repeat(32)}`,
  ]
  for (const text of refused) {
    expect(parseCredential(text), text).toBeUndefined()
    expect(hasValidChecksum(text), text).toBe(false)
  }
  for (const text of [
    `ck_default_${BODY_32}`,
    `ck_a-1_${'Z'.repeat(128)}`,
    `ck_${'a'.repeat(40)}_${BODY_32}`,
  ]) {
    expect(parseCredential(text), text).toBeDefined()
  }
})
