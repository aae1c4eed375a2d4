import { readFileSync } from 'node:fs'
import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toHex, utf8 } from '../../src/core/bytes.ts'
import { blindIndex, fingerprint } from '../../src/crypto/blind-index.ts'
import { hasValidChecksum, parseCredential } from '../../src/crypto/credential.ts'
import { insecureSealWithNonce, open, unwrapKey } from '../../src/crypto/envelope.ts'
import type { Place } from '../../src/crypto/place.ts'
import { openIndependently } from './independent-envelope.ts'
import { hex, keyOf } from './keys-for-tests.ts'
import vectors from './vectors.json' with { type: 'json' }

/** JSON has no tuples; the vectors hold places as docs/formats.md lists them. */
const placeOf = (parts: readonly string[]) => parts as unknown as Place

describe('envelope vectors', () => {
  test.each(vectors.envelope)('seal and open $place', (vector) => {
    const key = keyOf(vector.key_id, vector.key)
    const sealed = insecureSealWithNonce(key, utf8(vector.plaintext_utf8), vector.place, hex(vector.nonce))
    expect(toHex(sealed)).toBe(vector.envelope)
    expect(open(key, sealed, placeOf(vector.place))).toEqual(utf8(vector.plaintext_utf8))
  })

  test.each(vectors.envelope)('a second implementation opens $place', (vector) => {
    const opened = openIndependently(hex(vector.key), hex(vector.envelope), vector.place)
    expect(opened.toString()).toBe(vector.plaintext_utf8)
    expect(() => openIndependently(hex(vector.key), hex(vector.envelope), [...vector.place, ''])).toThrow(
      Error,
    )
  })
})

describe('wrapped key vectors', () => {
  test.each(vectors.wrapped_key)('unwrap $key_id', (vector) => {
    const wrapping = keyOf(vector.wrapping_key_id, vector.wrapping_key)
    const key = unwrapKey(wrapping, hex(vector.envelope), vector.key_id, placeOf(vector.place))
    expect(toHex(key.material.exposeSecret())).toBe(vector.key)
    const context = [...vector.place, vector.key_id]
    expect(toHex(insecureSealWithNonce(wrapping, hex(vector.key), context, hex(vector.nonce)))).toBe(
      vector.envelope,
    )
    expect(openIndependently(hex(vector.wrapping_key), hex(vector.envelope), context)).toEqual(
      Buffer.from(vector.key, 'hex'),
    )
  })
})

describe('keyed hash vectors', () => {
  test.each(vectors.blind_index)('blind index of a $field', (vector) => {
    expect(blindIndex(keyOf('0000000000000000', vector.key), vector.field, vector.term)).toBe(vector.index)
    const digest = createHmac('sha256', hex(vector.key)).update(hex(vector.message)).digest()
    expect(digest.readUInt32BE(0)).toBe(vector.index)
  })

  test.each(vectors.fingerprint)('fingerprint of $parts', (vector) => {
    const digest = fingerprint(keyOf('0000000000000000', vector.key), ...vector.parts)
    expect(toHex(digest)).toBe(vector.fingerprint)
  })
})

describe('credential vectors', () => {
  test.each(vectors.credential)('$text', (vector) => {
    expect(parseCredential(vector.text)).toEqual({ tenant: vector.tenant, hash: hex(vector.sha256) })
    expect(createHash('sha256').update(vector.text).digest('hex')).toBe(vector.sha256)
    expect(hasValidChecksum(vector.text)).toBe(vector.checksum_valid)
  })
})

test('the document shows the vectors that are tested', () => {
  const formats = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8')
  const shown = [
    ...vectors.envelope.map((vector) => vector.envelope),
    ...vectors.wrapped_key.map((vector) => vector.envelope),
    ...vectors.blind_index.map((vector) => String(vector.index)),
    ...vectors.fingerprint.map((vector) => vector.fingerprint),
    ...vectors.credential.map((vector) => vector.text),
    ...vectors.root_key_file.map(({ file }) => file.sealed ?? file.key ?? ''),
  ]
  for (const text of shown) expect(formats).toContain(text)
})
