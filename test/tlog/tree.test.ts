import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { leafHash } from '../../src/tlog/merkle.ts'
import { tilePath, tilesOf } from '../../src/tlog/tile.ts'
import {
  consistencyProof,
  growTiles,
  inclusionProof,
  inclusionProofs,
  rootFromTiles,
} from '../../src/tlog/tree.ts'
import { bytesOf } from './log-for-tests.ts'
import { MemoryTiles } from './memory-tiles.ts'
import { NaiveTree, numberedLeaves } from './naive-tree.ts'
import { CT_CONSISTENCY, CT_INCLUSION, CT_LEAVES, CT_ROOTS, EMPTY_ROOT } from './vectors.ts'

const hex = (hashes: readonly Uint8Array[]) => hashes.map(toHex)

describe('the reference tree of RFC 6962', () => {
  const leaves = CT_LEAVES.map((leaf) => leafHash(bytesOf(leaf)))

  /** Tiles of every size on the way, as a log that signed each size would keep them. */
  async function ctTiles() {
    const tiles = new MemoryTiles()
    for (const leaf of leaves) await tiles.grow([leaf])
    return tiles
  }

  test('roots', async () => {
    const tiles = await ctTiles()
    for (const [i, root] of CT_ROOTS.entries())
      expect(toHex(await rootFromTiles(i + 1, tiles.read))).toBe(root)
    expect(toHex(await rootFromTiles(0, tiles.read))).toBe(EMPTY_ROOT)
  })

  test.each(CT_INCLUSION)('audit path of leaf $index of $size', async ({ index, size, proof }) => {
    expect(hex(await inclusionProof(index, size, (await ctTiles()).read))).toEqual(proof)
  })

  test.each(CT_CONSISTENCY)('consistency of $from and $to', async ({ from, to, proof }) => {
    expect(hex(await consistencyProof(from, to, (await ctTiles()).read))).toEqual(proof)
  })
})

describe('against the recursion of RFC 6962', () => {
  const MOST = 100_000
  const leaves = numberedLeaves(MOST)
  const naive = new NaiveTree(leaves)

  test('all leaves of all sizes up to 300', async () => {
    const tiles = new MemoryTiles()
    for (let size = 1; size <= 300; size++) {
      await tiles.grow(leaves.slice(size - 1, size))
      expect(toHex(await rootFromTiles(size, tiles.read))).toBe(toHex(naive.root(size)))
      const indices = Array.from({ length: size }, (_, i) => i)
      const paths = await inclusionProofs(indices, size, tiles.read)
      expect(paths.map(hex)).toEqual(indices.map((index) => hex(naive.path(index, size))))
    }
  })

  test('sizes up to 300 from smaller ones: all of them to 100, then every seventh', async () => {
    // P5 at full size takes every pair.
    for (let size = 1; size <= 300; size++) {
      const tiles = await MemoryTiles.of(leaves.slice(0, size))
      for (let from = 0; from <= size; from++) {
        if (size > 100 && (size - from) % 7 > 0) continue
        const proof = hex(await consistencyProof(from, size, tiles.read))
        expect(proof).toEqual(from === 0 ? [] : hex(naive.consistency(from, size)))
      }
    }
  })

  test('random sizes to 100,000: tiles, root, paths, consistency', async () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: MOST }), fc.nat(), fc.nat())
    await fc.assert(
      fc.asyncProperty(sizes, async ([size, leaf, old]) => {
        const tiles = await MemoryTiles.of(leaves.slice(0, size))
        expect([...tiles.contents.keys()]).toEqual(tilesOf(size).map(tilePath))
        expect(toHex(await rootFromTiles(size, tiles.read))).toBe(toHex(naive.root(size)))
        const [at, from] = [leaf % size, 1 + (old % size)]
        expect(hex(await inclusionProof(at, size, tiles.read))).toEqual(hex(naive.path(at, size)))
        expect(hex(await consistencyProof(from, size, tiles.read))).toEqual(
          hex(naive.consistency(from, size)),
        )
      }),
      { numRuns: 30 },
    )
  })

  test('however a tree grew, its tiles are those of one that was made at once', async () => {
    const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 250, max: 9_000 })), {
      minLength: 1,
      maxLength: 8,
    })
    await fc.assert(
      fc.asyncProperty(steps, async (counts) => {
        const tiles = new MemoryTiles()
        for (const count of counts) await tiles.grow(leaves.slice(tiles.size, tiles.size + count))
        const whole = await MemoryTiles.of(leaves.slice(0, tiles.size))
        const kept = tilesOf(tiles.size).map((tile) => [tilePath(tile), toHex(tiles.at(tile))])
        expect(kept).toEqual([...whole.contents].map(([path, bytes]) => [path, toHex(bytes)]))
      }),
      { numRuns: 15 },
    )
  })
})

describe('growing reads and writes the right edge alone', () => {
  test('thousands of leaves on an edge that is partial at three levels', async () => {
    const leaves = numberedLeaves(75_000)
    const tiles = await MemoryTiles.of(leaves.slice(0, 70_000))
    const grown = await tiles.grow(leaves.slice(70_000))
    expect(tiles.reads).toEqual([['0/273.p/112', '1/001.p/17']])
    expect(grown.map(tilePath)).toEqual([
      ...Array.from({ length: 19 }, (_, i) => `0/${273 + i}`),
      '0/292.p/248',
      '1/001.p/36',
    ])
    expect(toHex(await rootFromTiles(75_000, tiles.read))).toBe(toHex(new NaiveTree(leaves).root()))
  })

  test('over the boundary of a level: the tile above appears, nothing else is read', async () => {
    const leaves = numberedLeaves(65_536)
    const tiles = await MemoryTiles.of(leaves.slice(0, 65_535))
    const grown = await tiles.grow(leaves.slice(65_535))
    expect(tiles.reads).toEqual([['0/255.p/255', '1/000.p/255']])
    expect(grown.map(tilePath)).toEqual(['0/255', '1/000', '2/000.p/1'])
  })

  test('from nothing nothing is read, and nothing added is nothing written', async () => {
    const tiles = new MemoryTiles()
    expect(await tiles.grow([])).toEqual([])
    await tiles.grow(numberedLeaves(256))
    await tiles.grow(numberedLeaves(1))
    expect(tiles.reads).toEqual([])
  })
})

describe('proofs read few tiles, in one call', () => {
  test('many paths at once are those that are made one by one, each tile read once', async () => {
    const tiles = await MemoryTiles.of(numberedLeaves(3_000))
    const indices = [2_999, 0, 17, 17, 1_024, 2_048]
    const together = await inclusionProofs(indices, 3_000, tiles.read)
    expect(tiles.reads).toHaveLength(1)
    expect(new Set(tiles.reads[0]).size).toBe(tiles.reads[0]!.length)
    for (const [i, index] of indices.entries())
      expect(hex(together[i]!)).toEqual(hex(await inclusionProof(index, 3_000, tiles.read)))
    expect(await inclusionProofs([], 3_000, tiles.read)).toEqual([])
  })

  test('a tree of 70,000', async () => {
    const tiles = await MemoryTiles.of(numberedLeaves(70_000))
    await inclusionProof(12_345, 70_000, tiles.read)
    await consistencyProof(12_345, 70_000, tiles.read)
    await rootFromTiles(70_000, tiles.read)
    expect(tiles.reads).toHaveLength(3)
    expect(Math.max(...tiles.reads.map((paths) => paths.length))).toBeLessThanOrEqual(5)
    const served = new Set(tilesOf(70_000).map(tilePath))
    expect(tiles.reads.flat().filter((path) => !served.has(path))).toEqual([])
  })
})

describe('what cannot be is refused', () => {
  const none = () => Promise.resolve([])

  test('indices and sizes', async () => {
    for (const [index, size] of [
      [0, 0],
      [5, 5],
      [-1, 5],
      [0.5, 5],
      [0, 2 ** 53],
      [Number.NaN, 5],
    ] as const)
      await expect(inclusionProof(index, size, none)).rejects.toThrow(RangeError)
    await expect(consistencyProof(6, 5, none)).rejects.toThrow(RangeError)
    await expect(consistencyProof(-1, 5, none)).rejects.toThrow(RangeError)
    await expect(rootFromTiles(1.5, none)).rejects.toThrow(RangeError)
    await expect(growTiles(Number.MAX_SAFE_INTEGER, numberedLeaves(1), none)).rejects.toThrow(RangeError)
  })

  test('leaf hashes of another length', async () => {
    await expect(growTiles(0, [new Uint8Array(31)], none)).rejects.toThrow(RangeError)
  })

  test('a tile that is missing, short or long', async () => {
    for (const bytes of [undefined, new Uint8Array(31), new Uint8Array(33), new Uint8Array()]) {
      const read = () => Promise.resolve(bytes ? [bytes] : [])
      await expect(rootFromTiles(1, read)).rejects.toThrow('tile 0/000.p/1')
      await expect(growTiles(1, numberedLeaves(1), read)).rejects.toThrow('tile 0/000.p/1')
    }
  })

  test('negative control: the same tile as it should be is taken', async () => {
    const [leaf] = numberedLeaves(1)
    expect(toHex(await rootFromTiles(1, () => Promise.resolve([leaf!])))).toBe(toHex(leaf!))
  })
})
