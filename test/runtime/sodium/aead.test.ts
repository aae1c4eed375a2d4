import sodium from 'libsodium-wrappers'
import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { AEAD_KEY_BYTES, AEAD_NONCE_BYTES, decrypt, encrypt } from '../../../src/crypto/aead.ts'
import type { Aead } from '../../../src/crypto/aead.ts'
import { sodiumAead } from '../../../src/runtime/node/sodium/aead.ts'
import { found } from './memory.ts'

const random = (length: number) => Uint8Array.from(randomBytes(length))

let aead: Aead
beforeAll(async () => {
  await sodium.ready
  aead = sodiumAead()
})

describe("libsodium's cipher", () => {
  test('gives the bytes of the plain one at every length, the longest that it takes itself and beyond', () => {
    for (const [length, dataLength] of [
      [0, 0],
      [1, 1],
      [63, 150],
      [4080, 1024],
      [4096, 1025],
      [4097, 3],
      [70_000, 9],
    ]) {
      const [key, nonce] = [random(AEAD_KEY_BYTES), random(AEAD_NONCE_BYTES)]
      const [message, data] = [random(length!), random(dataLength!)]
      const sealed = aead.encrypt(key, nonce, message, data)
      expect(sealed).toEqual(encrypt(key, nonce, message, data))
      expect(aead.decrypt(key, nonce, sealed, data)).toEqual(message)
      expect(decrypt(key, nonce, sealed, data)).toEqual(message)
    }
  })

  test('refuses a changed message, other data, another key and another nonce, and works on', () => {
    const [key, nonce, message, data] = [random(32), random(24), random(60), random(100)]
    const sealed = aead.encrypt(key, nonce, message, data)
    const changed = sealed.map((byte, i) => (i === 3 ? byte ^ 1 : byte))
    expect(() => aead.decrypt(key, nonce, changed, data)).toThrow('tag')
    expect(() => aead.decrypt(key, nonce, sealed, random(100))).toThrow('tag')
    expect(() => aead.decrypt(random(32), nonce, sealed, data)).toThrow('tag')
    expect(() => aead.decrypt(key, random(24), sealed, data)).toThrow('tag')
    expect(aead.decrypt(key, nonce, sealed, data)).toEqual(message)
  })

  test('leaves no key in its memory, and of a plaintext no more than a block until the next call', () => {
    const [key, nonce, message, data] = [random(32), random(24), random(200), random(100)]
    const sealed = aead.encrypt(key, nonce, message, data)
    aead.decrypt(key, nonce, sealed, data)
    expect([found(key), found(message.subarray(0, 64)), found(message)]).toEqual([0, 0, 0])
    aead.decrypt(key, nonce, aead.encrypt(key, nonce, random(200), data), data)
    expect(found(message.subarray(192))).toBe(0)
  })

  test('negative control: its JavaScript wrapper leaves both', () => {
    const [key, nonce, message, data] = [random(32), random(24), random(60), random(100)]
    const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(message, data, null, nonce, key)
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, sealed, data, nonce, key)
    expect(found(key) + found(message)).toBeGreaterThan(0)
  })
})
