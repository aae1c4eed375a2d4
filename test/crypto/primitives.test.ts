import { expect, test } from 'vitest'
import { fromHex, toHex, utf8, type Bytes } from '../../src/core/bytes.ts'
import { sha256, sha256Hex, useSha256 } from '../../src/core/sha256.ts'
import { decrypt, encrypt, useAead } from '../../src/crypto/aead.ts'
import { hkdfExpand, hmacSha256 } from '../../src/crypto/kdf.ts'

const hex = (text: string): Bytes => fromHex(text)!

/** draft-irtf-cfrg-xchacha-03, A.3.1. */
const XCHACHA = {
  plaintext: utf8(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  ),
  associatedData: hex('50515253c0c1c2c3c4c5c6c7'),
  key: hex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f'),
  nonce: hex('404142434445464748494a4b4c4d4e4f5051525354555657'),
  sealed:
    'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54' +
    'c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f6' +
    '15c68b13b52ec0875924c1c7987947deafd8780acf49',
}

test('the cipher is XChaCha20-Poly1305 as its draft has it', () => {
  const { key, nonce, plaintext, associatedData, sealed } = XCHACHA
  expect(toHex(encrypt(key, nonce, plaintext, associatedData))).toBe(sealed)
  expect(decrypt(key, nonce, hex(sealed), associatedData)).toEqual(plaintext)
})

test('the cipher refuses other associated data, and what is shorter than a tag', () => {
  const { key, nonce, sealed } = XCHACHA
  expect(decrypt(key, nonce, hex(sealed), utf8('elsewhere'))).toBeUndefined()
  for (let length = 0; length < 16; length++) {
    expect(decrypt(key, nonce, new Uint8Array(length), utf8(''))).toBeUndefined()
  }
})

test('HKDF-Expand is that of RFC 5869, A.1', () => {
  const key = hex('077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5')
  expect(toHex(hkdfExpand(key, hex('f0f1f2f3f4f5f6f7f8f9'), 42))).toBe(
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  )
})

test('HMAC-SHA-256 is that of RFC 4231, 4.3, and SHA-256 that of FIPS 180-4', () => {
  expect(toHex(hmacSha256(utf8('Jefe'), utf8('what do ya want for nothing?')))).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
  expect(toHex(sha256(utf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('an implementation that gives other bytes, or opens what was changed, never takes the place of the plain one', () => {
  const noTag = {
    encrypt,
    decrypt: (_key: Uint8Array, _nonce: Uint8Array, sealed: Uint8Array) =>
      Uint8Array.from(sealed.slice(0, -16)),
  }
  expect(() => useAead(noTag)).toThrow('other bytes')
  const short = (message: Uint8Array): Bytes => sha256(message.subarray(0, 64))
  expect(() => useSha256({ bytes: short, hex: sha256Hex })).toThrow('other bytes')
  expect(() => useSha256({ bytes: sha256, hex: (message) => sha256Hex(message).toUpperCase() })).toThrow(
    'other bytes',
  )
  expect(toHex(sha256(utf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})
