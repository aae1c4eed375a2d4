import sodium from 'libsodium-wrappers'
import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { hkdfExpand, useHkdfExpand } from '../../../src/crypto/kdf.ts'
import type { HkdfExpand } from '../../../src/crypto/kdf.ts'
import { sodiumHkdfExpand } from '../../../src/runtime/node/sodium/hkdf.ts'
import { found } from './memory.ts'

const random = (length: number) => Uint8Array.from(randomBytes(length))

let expand: HkdfExpand
beforeAll(async () => {
  await sodium.ready
  expand = sodiumHkdfExpand()
})

describe("libsodium's HKDF-Expand", () => {
  test('gives the bytes of the plain one, within its scratch memory and beyond, to the longest that there is', () => {
    for (const [infoLength, length] of [
      [0, 1],
      [20, 64],
      [150, 74],
      [150, 75],
      [3000, 65],
      [10, 8160],
    ]) {
      const [key, info] = [random(32), random(infoLength!)]
      expect(expand(key, info, length!)).toEqual(hkdfExpand(key, info, length!))
    }
  })

  test('refuses a key of another length, and more bytes than HKDF gives', () => {
    expect(() => expand(random(31), random(4), 32)).toThrow(RangeError)
    expect(() => expand(random(32), random(4), 8161)).toThrow(RangeError)
  })

  test('leaves neither key nor output in its memory, nor what HMAC makes of the key', () => {
    const key = random(32)
    for (const infoLength of [20, 1000]) {
      const out = expand(key, random(infoLength), 64)
      const padded = [0x36, 0x5c].map((pad) => key.map((byte) => byte ^ pad))
      const traces = [key, ...padded, out.subarray(0, 32), out.subarray(32)]
      expect(traces.map(found)).toEqual([0, 0, 0, 0, 0])
    }
  })

  test('is taken only if it agrees with the plain one', () => {
    const other: HkdfExpand = (key, info, length) => expand(key, info, length).map((byte) => byte ^ 1)
    expect(() => useHkdfExpand(other)).toThrow('other bytes')
  })
})
