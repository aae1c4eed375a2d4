import { expect, test } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { emptyRoot, leafHash, nodeHash, rootOf, splitPoint } from '../../src/tlog/merkle.ts'
import { bytesOf } from './log-for-tests.ts'
import { NaiveTree, numberedLeaves } from './naive-tree.ts'
import { CT_LEAVES, CT_ROOTS, EMPTY_ROOT } from './vectors.ts'

test('the tree over one to eight leaves has the roots of RFC 6962’s reference tests', () => {
  const hashes = CT_LEAVES.map((leaf) => leafHash(bytesOf(leaf)))
  const roots = CT_ROOTS.map((_, i) => toHex(rootOf(hashes.slice(0, i + 1))))
  expect(roots).toEqual(CT_ROOTS)
})

test('the tree over nothing is the hash of nothing', () => {
  expect(toHex(rootOf([]))).toBe(EMPTY_ROOT)
  expect(toHex(emptyRoot())).toBe(EMPTY_ROOT)
})

test('a leaf that looks like an inner node hashes differently', () => {
  const [left, right] = [leafHash(bytesOf('00')), leafHash(bytesOf('10'))]
  const forged = new Uint8Array([...left, ...right])
  expect(toHex(leafHash(forged))).not.toBe(toHex(nodeHash(left, right)))
})

test('every size up to 300 has the root that RFC 6962’s recursion gives', () => {
  const leaves = numberedLeaves(300)
  const naive = new NaiveTree(leaves)
  for (let size = 0; size <= leaves.length; size++)
    expect(toHex(rootOf(leaves.slice(0, size)))).toBe(toHex(naive.root(size)))
})

test('an inner node is made of two whole hashes, and never of what an earlier call left', () => {
  const hash = leafHash(bytesOf('00'))
  for (const short of [new Uint8Array(), hash.slice(1), new Uint8Array(33)]) {
    expect(() => nodeHash(short, hash)).toThrow(RangeError)
    expect(() => nodeHash(hash, short)).toThrow(RangeError)
  }
})

test('the split is the largest power of two below the size, up to the largest size', () => {
  expect([2, 3, 4, 5, 8, 9, 256, 257].map(splitPoint)).toEqual([1, 2, 2, 4, 4, 8, 128, 256])
  expect(splitPoint(Number.MAX_SAFE_INTEGER)).toBe(2 ** 52)
  expect(splitPoint(2 ** 52)).toBe(2 ** 51)
})
