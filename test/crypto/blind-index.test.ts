import { expect, test } from 'vitest'
import { blindIndex, fingerprint } from '../../src/crypto/blind-index.ts'
import { anyKey } from './keys-for-tests.ts'

const TERMS = Array.from({ length: 2_000 }, (_, i) => `+86138${String(i).padStart(8, '0')}`)

test('equal terms share a number and it is an unsigned 32-bit integer', () => {
  const key = anyKey()
  for (const term of TERMS) {
    const index = blindIndex(key, 'phone', term)
    expect(blindIndex(key, 'phone', term)).toBe(index)
    expect(Number.isInteger(index) && index >= 0 && index < 2 ** 32).toBe(true)
  }
  // The control for "unsigned": about half of all numbers have the top bit set.
  expect(TERMS.filter((term) => blindIndex(key, 'phone', term) >= 2 ** 31).length).toBeGreaterThan(800)
})

test('another key or another field gives unrelated numbers', () => {
  const [key, other] = [anyKey(), anyKey()]
  const own = TERMS.map((term) => blindIndex(key, 'phone', term))
  const equalUnder = (numbers: number[]) => numbers.filter((number, i) => number === own[i]).length
  expect(equalUnder(TERMS.map((term) => blindIndex(other, 'phone', term)))).toBeLessThan(2)
  expect(equalUnder(TERMS.map((term) => blindIndex(key, 'email', term)))).toBeLessThan(2)
  expect(equalUnder(TERMS.map((term) => blindIndex(key, 'phone', term)))).toBe(TERMS.length)
})

test('a fingerprint is of the list, not of its parts run together, and is no blind index', () => {
  const key = anyKey()
  const own = fingerprint(key, 'ab', 'c')
  expect(own.length).toBe(32)
  expect(fingerprint(key, 'ab', 'c')).toEqual(own)
  for (const parts of [['a', 'bc'], ['abc'], ['ab', 'c', ''], ['c', 'ab']]) {
    expect(fingerprint(key, ...parts)).not.toEqual(own)
  }
  expect(fingerprint(anyKey(), 'ab', 'c')).not.toEqual(own)
  const head = new DataView(fingerprint(key, 'phone', '+1').buffer).getUint32(0)
  expect(blindIndex(key, 'phone', '+1')).not.toBe(head)
})
