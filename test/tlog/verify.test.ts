import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { emptyRoot, leafHash } from '../../src/tlog/merkle.ts'
import { verifyConsistency, verifyInclusion } from '../../src/tlog/verify.ts'
import type { Consistency, Inclusion } from '../../src/tlog/verify.ts'
import { bytesOf } from './log-for-tests.ts'
import { NaiveTree, numberedLeaves } from './naive-tree.ts'
import { CT_CONSISTENCY, CT_INCLUSION, CT_LEAVES, CT_ROOTS } from './vectors.ts'

const leaves = numberedLeaves(100_000)
const naive = new NaiveTree(leaves)

function inclusion(index: number, size: number): Inclusion {
  const proof = naive.path(index, size)
  return { leafHash: leaves[index]!, index, size, root: naive.root(size), proof }
}

function consistency(oldSize: number, newSize: number): Consistency {
  const proof = oldSize === 0 ? [] : naive.consistency(oldSize, newSize)
  return { oldSize, oldRoot: naive.root(oldSize), newSize, newRoot: naive.root(newSize), proof }
}

/** The list with one bit of one hash flipped, one hash left out, doubled, or put at the end. */
function* brokenProofs(proof: readonly Uint8Array[]): Generator<Uint8Array[]> {
  for (const [i, hash] of proof.entries()) {
    for (const bit of [0, 100, 255]) {
      const flipped = Uint8Array.from(hash)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      yield proof.with(i, flipped)
    }
    yield proof.toSpliced(i, 1)
    yield proof.toSpliced(i, 0, hash)
    yield proof.with(i, hash.slice(1))
  }
  yield [...proof, leaves[0]!]
  if (proof.length > 1) yield proof.toReversed()
}

describe('inclusion', () => {
  test.each(CT_INCLUSION)('RFC 6962’s reference path of leaf $index of $size', ({ index, size, proof }) => {
    const [leaf, root] = [leafHash(bytesOf(CT_LEAVES[index]!)), bytesOf(CT_ROOTS[size - 1]!)]
    const claim = { leafHash: leaf, index, size, root, proof: proof.map(bytesOf) }
    expect(verifyInclusion(claim)).toBe(true)
    expect(verifyInclusion({ ...claim, root: leafHash(leaf) })).toBe(false)
  })

  test('all leaves of all sizes up to 300 are found, and at no other place', () => {
    for (let size = 1; size <= 300; size++)
      for (let index = 0; index < size; index++) {
        const claim = inclusion(index, size)
        expect(verifyInclusion(claim)).toBe(true)
        expect(verifyInclusion({ ...claim, index: (index + 1) % size })).toBe(size === 1)
      }
  })

  test('any change to a true claim is refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 100_000 }), fc.nat(), (size, at) => {
        const claim = inclusion(at % size, size)
        expect(verifyInclusion(claim)).toBe(true)
        const changes: Partial<Inclusion>[] = [
          { index: (claim.index + 1) % size },
          { index: claim.index ^ 1 },
          { root: naive.root(size - 1) },
          { leafHash: leaves[(claim.index + 1) % size]! },
          ...[...brokenProofs(claim.proof)].map((proof) => ({ proof })),
        ]
        for (const change of changes) expect(verifyInclusion({ ...claim, ...change })).toBe(false)
      }),
      { numRuns: 200 },
    )
  })
})

describe('consistency', () => {
  test.each(CT_CONSISTENCY)('RFC 6962’s reference proof of $from and $to', ({ from, to, proof }) => {
    const [oldRoot, newRoot] = [bytesOf(CT_ROOTS[from - 1]!), bytesOf(CT_ROOTS[to - 1]!)]
    const claim = { oldSize: from, oldRoot, newSize: to, newRoot, proof: proof.map(bytesOf) }
    expect(verifyConsistency(claim)).toBe(true)
    expect(verifyConsistency({ ...claim, oldRoot: leafHash(oldRoot) })).toBe(false)
  })

  test('all pairs of sizes up to 300', () => {
    for (let to = 0; to <= 300; to++)
      for (let from = 0; from <= to; from++) expect(verifyConsistency(consistency(from, to))).toBe(true)
  })

  test('any change to a true claim is refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 100_000 }), fc.nat(), (newSize, at) => {
        const claim = consistency(1 + (at % (newSize - 1)), newSize)
        expect(verifyConsistency(claim)).toBe(true)
        const changes: Partial<Consistency>[] = [
          { oldSize: claim.oldSize - 1 },
          { oldSize: claim.newSize },
          { oldRoot: naive.root(claim.oldSize - 1) },
          { newRoot: naive.root(newSize - 1) },
          { oldRoot: claim.newRoot },
          { newRoot: claim.oldRoot },
          ...[...brokenProofs(claim.proof)].map((proof) => ({ proof })),
        ]
        for (const change of changes) expect(verifyConsistency({ ...claim, ...change })).toBe(false)
      }),
      { numRuns: 200 },
    )
  })

  test('a history that was rewritten is found: another leaf anywhere before the old size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 2_000 }), fc.nat(), fc.nat(), (newSize, at, where) => {
        const oldSize = 1 + (at % (newSize - 1))
        const forged = new NaiveTree(leaves.slice(0, newSize).with(where % oldSize, Buffer.alloc(32)))
        const claim = consistency(oldSize, newSize)
        const rewritten = { newRoot: forged.root(), proof: forged.consistency(oldSize) }
        expect(verifyConsistency({ ...claim, ...rewritten })).toBe(false)
      }),
      { numRuns: 200 },
    )
  })

  test('from nothing, and to the same size, takes an empty proof and no other', () => {
    const extra = [leaves[0]!]
    for (const claim of [consistency(0, 0), consistency(0, 5), consistency(1, 1), consistency(5, 5)]) {
      expect(verifyConsistency(claim)).toBe(true)
      expect(verifyConsistency({ ...claim, proof: extra })).toBe(false)
    }
    expect(verifyConsistency({ ...consistency(0, 5), oldRoot: naive.root(5) })).toBe(false)
    expect(verifyConsistency({ ...consistency(5, 5), oldRoot: naive.root(4) })).toBe(false)
    expect(verifyConsistency({ ...consistency(0, 0), newRoot: naive.root(1) })).toBe(false)
    expect(verifyConsistency({ ...consistency(3, 5), proof: [] })).toBe(false)
  })

  test('a smaller tree is not what a larger one grew into', () => {
    const { oldSize, oldRoot, newSize, newRoot, proof } = consistency(3, 5)
    const back = { oldSize: newSize, oldRoot: newRoot, newSize: oldSize, newRoot: oldRoot, proof }
    expect(verifyConsistency(back)).toBe(false)
  })
})

describe('hostile input gets an answer, never an exception', () => {
  const numbers = fc.oneof(
    fc.integer(),
    fc.double(),
    fc.constantFrom(0, 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, -0, Number.NaN, Infinity),
  )
  const hashes = fc.oneof(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(undefined, null, 'text', 7, {}, { length: 32 }) as fc.Arbitrary<never>,
  )
  const proofs = fc.oneof(
    fc.array(hashes, { maxLength: 70 }),
    fc.constantFrom(undefined, null, 'text', {}, Array.from({ length: 3 })) as fc.Arbitrary<never>,
    // A hole in an array is stepped over by most of its methods.
    fc.constant(Array(2) as never[]),
  )

  test('inclusion', () => {
    const claims = fc.record({ leafHash: hashes, index: numbers, size: numbers, root: hashes, proof: proofs })
    fc.assert(
      fc.property(claims, (claim) => {
        expect(verifyInclusion(claim)).toBeTypeOf('boolean')
      }),
      { numRuns: 2_000 },
    )
  })

  test('consistency', () => {
    const claims = fc.record({
      oldSize: numbers,
      oldRoot: hashes,
      newSize: numbers,
      newRoot: hashes,
      proof: proofs,
    })
    fc.assert(
      fc.property(claims, (claim) => {
        expect(verifyConsistency(claim)).toBeTypeOf('boolean')
      }),
      { numRuns: 2_000 },
    )
  })

  test('a proof of more than 63 hashes is not even begun', () => {
    const proof = Array.from({ length: 64 }, () => leaves[0]!)
    const hash = leaves[0]!
    expect(verifyInclusion({ leafHash: hash, index: 0, size: 2 ** 53 - 1, root: hash, proof })).toBe(false)
  })

  test('negative control: the same shapes with true content are accepted', () => {
    const [one] = leaves
    expect(verifyInclusion({ leafHash: one!, index: 0, size: 1, root: one!, proof: [] })).toBe(true)
    const empty = emptyRoot()
    const claim = { oldSize: 0, oldRoot: empty, newSize: 1, newRoot: one!, proof: [] }
    expect(verifyConsistency(claim)).toBe(true)
  })
})
