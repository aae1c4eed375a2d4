import { assert, property, uint8Array } from 'fast-check'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { toHex, utf8 } from '../../src/core/bytes.ts'
import { VaultError } from '../../src/core/errors.ts'
import {
  ENVELOPE_OVERHEAD_BYTES,
  keyIdOf,
  newKey,
  open,
  parseKeyId,
  seal,
  unwrapKey,
  WRAPPED_KEY_BYTES,
  wrapKey,
} from '../../src/crypto/envelope.ts'
import { dataKeyPlace, fieldPlace, notePlace } from '../../src/crypto/place.ts'
import { anyKey, anySubject, tenantId } from './keys-for-tests.ts'

const tenant = tenantId('default')
const subject = anySubject()
const place = fieldPlace({ tenant, subject, field: 'phone', version: 1 })
const plaintext = utf8('+8613812345678')

function refusal(act: () => unknown): { code: string; message: string; detail: string | undefined } {
  try {
    act()
  } catch (error) {
    if (error instanceof VaultError) return { code: error.code, message: error.message, detail: error.detail }
    throw error
  }
  throw new Error('was not refused')
}

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at] = value
  return copy
}

describe('an envelope', () => {
  test('gives back any plaintext in its place, and is longer by the overhead', () => {
    const key = anyKey()
    assert(
      property(uint8Array({ maxLength: 300 }), (bytes) => {
        const envelope = seal(key, bytes, place)
        expect(envelope.length).toBe(bytes.length + ENVELOPE_OVERHEAD_BYTES)
        expect(open(key, envelope, place)).toEqual(Uint8Array.from(bytes))
      }),
    )
  })

  test('opens from a Buffer that is a window on a larger one, as a driver may give it', () => {
    const key = anyKey()
    const envelope = seal(key, plaintext, place)
    const window = Buffer.concat([Buffer.from('before'), envelope, Buffer.from('after')]).subarray(
      6,
      6 + envelope.length,
    )
    expect(open(key, window, place)).toEqual(plaintext)
  })

  test('of the same value is another each time', () => {
    const key = anyKey()
    const seen = new Set(Array.from({ length: 1_000 }, () => toHex(seal(key, plaintext, place))))
    expect(seen.size).toBe(1_000)
  })

  test('leaves the plaintext and the key that it was made from unchanged', () => {
    const key = anyKey()
    const before = toHex(key.material.exposeSecret())
    const bytes = Uint8Array.from(plaintext)
    open(key, seal(key, bytes, place), place)
    expect(bytes).toEqual(plaintext)
    expect(toHex(key.material.exposeSecret())).toBe(before)
  })

  test('names its key before anything is decrypted', () => {
    const key = anyKey()
    expect(keyIdOf(seal(key, plaintext, place))).toBe(key.id)
  })

  test('opens in no place that differs in one part', () => {
    const key = anyKey()
    const at = { tenant, subject, field: 'phone', version: 1 }
    const envelope = seal(key, plaintext, fieldPlace(at))
    const others = [
      fieldPlace({ ...at, tenant: tenantId('other') }),
      fieldPlace({ ...at, subject: anySubject() }),
      fieldPlace({ ...at, field: 'email' }),
      fieldPlace({ ...at, version: 2 }),
      dataKeyPlace(at),
      notePlace({ tenant, kind: 'phone', id: subject }),
    ]
    for (const other of others) {
      expect(refusal(() => open(key, envelope, other)).detail).toBe(
        'tag differs: changed bytes or another place',
      )
    }
    expect(open(key, envelope, fieldPlace(at))).toEqual(plaintext)
  })

  test('does not confuse places whose parts run together', () => {
    const key = anyKey()
    const envelope = seal(key, plaintext, notePlace({ tenant, kind: 'ab', id: 'c' }))
    expect(refusal(() => open(key, envelope, notePlace({ tenant, kind: 'a', id: 'bc' }))).code).toBe(
      'envelope_invalid',
    )
  })

  test('with another version, suite, length or key id is refused before its key is used', () => {
    const key = anyKey()
    const unusable = {
      id: key.id,
      material: { exposeSecret: () => expect.fail('the key was used') } as never,
    }
    const envelope = seal(key, plaintext, place)
    const cases: [Uint8Array, string][] = [
      [changed(envelope, 0, 2), 'unknown version'],
      [changed(envelope, 0, 0), 'unknown version'],
      [changed(envelope, 1, 2), 'unknown suite'],
      [changed(envelope, 2, (envelope[2] ?? 0) ^ 1), 'sealed under another key id'],
      [envelope.subarray(0, ENVELOPE_OVERHEAD_BYTES - 1), 'shorter than an empty envelope'],
      [new Uint8Array(), 'shorter than an empty envelope'],
    ]
    for (const [bytes, detail] of cases) {
      expect(refusal(() => open(unusable, bytes, place)).detail).toBe(detail)
    }
    // The control: the untouched envelope does get as far as the key.
    expect(() => open(unusable, envelope, place)).toThrow('the key was used')
  })

  test('under another key with the same id is refused by the commitment', () => {
    const key = anyKey()
    const impostor = { id: key.id, material: anyKey().material }
    expect(refusal(() => open(impostor, seal(key, plaintext, place), place)).detail).toBe(
      'key commitment differs',
    )
  })

  test('tells a caller the same whatever was wrong', () => {
    const key = anyKey()
    const envelope = seal(key, plaintext, place)
    const refusals = [
      refusal(() => open(key, changed(envelope, 0, 9), place)),
      refusal(() => open(anyKey(), envelope, place)),
      refusal(() => open(key, changed(envelope, 40, (envelope[40] ?? 0) ^ 1), place)),
      refusal(() => open(key, envelope, dataKeyPlace({ tenant, subject }))),
      refusal(() => open(key, envelope.subarray(0, 20), place)),
    ]
    const publicHalves = new Set(refusals.map(({ code, message }) => `${code}: ${message}`))
    expect([...publicHalves]).toEqual(['envelope_invalid: This ciphertext cannot be opened.'])
    expect(new Set(refusals.map(({ detail }) => detail)).size).toBe(refusals.length)
  })
})

describe('a wrapped key', () => {
  const at = dataKeyPlace({ tenant, subject })

  test('has one length and comes back under its id', () => {
    const [wrapping, key] = [anyKey(), anyKey()]
    const wrapped = wrapKey(wrapping, key, at)
    expect(wrapped.length).toBe(WRAPPED_KEY_BYTES)
    const back = unwrapKey(wrapping, wrapped, key.id, at)
    expect(back.id).toBe(key.id)
    expect(back.material.exposeSecret()).toEqual(key.material.exposeSecret())
  })

  test('opens under no other id, for no other person, and not as an ordinary value', () => {
    const [wrapping, key] = [anyKey(), anyKey()]
    const wrapped = wrapKey(wrapping, key, at)
    const elsewhere = dataKeyPlace({ tenant, subject: anySubject() })
    expect(refusal(() => unwrapKey(wrapping, wrapped, anyKey().id, at)).code).toBe('envelope_invalid')
    expect(refusal(() => unwrapKey(wrapping, wrapped, key.id, elsewhere)).code).toBe('envelope_invalid')
    expect(refusal(() => open(wrapping, wrapped, at)).code).toBe('envelope_invalid')
  })

  test('is not made from a sealed value of the same length, nor from zeros in its place', () => {
    const wrapping = anyKey()
    const value = seal(wrapping, randomBytes(32), at)
    expect(refusal(() => unwrapKey(wrapping, value, anyKey().id, at)).code).toBe('envelope_invalid')
    const erased = new Uint8Array(WRAPPED_KEY_BYTES)
    expect(refusal(() => unwrapKey(wrapping, erased, anyKey().id, at)).detail).toBe('unknown version')
    const short = seal(wrapping, randomBytes(31), at)
    expect(refusal(() => unwrapKey(wrapping, short, anyKey().id, at)).detail).toBe(
      'not the length of a wrapped key',
    )
  })
})

describe('a key', () => {
  test('cannot be printed, and its id is not taken from its material', () => {
    const key = newKey((length) => Buffer.alloc(length, 7))
    expect(key).toEqual({ id: '0707070707070707', material: expect.anything() as unknown })
    const printed = `${JSON.stringify(key)} ${inspect(key, { depth: 9, showHidden: true })} ${String(key.material)}`
    expect(printed).not.toContain('7, 7')
    expect(printed).not.toContain('07070707070707070')
    expect(JSON.stringify({ ...key, material: [...key.material.exposeSecret()] })).toContain('7,7')
  })

  test('takes a copy of its random bytes, so that a pooled buffer cannot change it', () => {
    const pool = Buffer.alloc(32, 1)
    const key = newKey((length) => pool.subarray(0, length))
    pool.fill(2)
    expect(toHex(key.material.exposeSecret())).toBe('01'.repeat(32))
  })

  test('id is 16 lower-case hex digits and nothing else', () => {
    expect(parseKeyId('00112233445566aa')).toBe('00112233445566aa')
    for (const text of ['', '00112233445566AA', '00112233445566a', '00112233445566aa0', '0x112233445566aa']) {
      expect(parseKeyId(text)).toBeUndefined()
      expect(refusal(() => seal({ ...anyKey(), id: text }, plaintext, place)).detail).toBe('malformed key id')
    }
  })
})

test('no source file but the envelope itself chooses a nonce', () => {
  const sources = readdirSync(new URL('../../src/', import.meta.url), { recursive: true, encoding: 'utf8' })
  const users = sources
    .filter((path) => /\.tsx?$/.test(path))
    .filter((path) =>
      /insecureSealWithNonce|crypto\/aead|'\.\/aead/.test(
        readFileSync(new URL(`../../src/${path}`, import.meta.url), 'utf8'),
      ),
    )
  // The runtime puts another implementation of the cipher in; it does not use it.
  expect(users.toSorted()).toEqual([
    'crypto/envelope.ts',
    'runtime/node/primitives.ts',
    'runtime/node/sodium/aead.ts',
  ])
})
