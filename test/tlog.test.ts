import { expect, test } from 'vitest'
import { fromHex, toHex } from '../src/core/bytes.ts'
import { leafHash, nodeHash, rootOf } from '../src/tlog/merkle.ts'

/** The eight leaves and roots of the Certificate Transparency reference tests (RFC 6962). */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array()

test('the tree over one to eight leaves has the roots of RFC 6962’s reference tests', () => {
  const hashes = LEAVES.map((leaf) => leafHash(bytes(leaf)))
  const roots = ROOTS.map((_, i) => toHex(rootOf(hashes.slice(0, i + 1))))
  expect(roots).toEqual(ROOTS)
})

test('the tree over nothing is the hash of nothing', () => {
  expect(toHex(rootOf([]))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

test('a leaf that looks like an inner node hashes differently', () => {
  const [left, right] = [leafHash(bytes('00')), leafHash(bytes('10'))]
  const forged = new Uint8Array([...left, ...right])
  expect(toHex(leafHash(forged))).not.toBe(toHex(nodeHash(left, right)))
})
