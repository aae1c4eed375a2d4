import { concat } from '../core/bytes.ts'
import type { Bytes } from '../core/bytes.ts'
import { sha256 } from '../core/sha256.ts'

/** RFC 6962 §2.1 (and RFC 9162 §2.1.1): the prefix keeps a leaf from passing for an inner node. */
const LEAF_PREFIX = 0x00
const NODE_PREFIX = 0x01

/** Every hash of a tree is SHA-256. */
export const HASH_BYTES = 32

/** One buffer for all inner nodes: hashing is synchronous, and a proof takes hundreds of them. */
const node = new Uint8Array(1 + 2 * HASH_BYTES)
node[0] = NODE_PREFIX

/** And one for leaves: an event has some hundred bytes. */
const shortLeaf = new Uint8Array(2048)

/** @returns SHA-256(0x00 ‖ leaf), 32 bytes. */
export function leafHash(leaf: Uint8Array): Bytes {
  const length = 1 + leaf.length
  const prefixed = length > shortLeaf.length ? new Uint8Array(length) : shortLeaf.subarray(0, length)
  prefixed[0] = LEAF_PREFIX
  prefixed.set(leaf, 1)
  return sha256(prefixed)
}

/**
 * @returns SHA-256(0x01 ‖ left ‖ right), 32 bytes.
 * @throws RangeError unless both have 32 bytes.
 */
export function nodeHash(left: Uint8Array, right: Uint8Array): Bytes {
  // What is shorter would leave bytes of the last call standing.
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES)
    throw new RangeError('not a hash of 32 bytes')
  node.set(left, 1)
  node.set(right, 1 + HASH_BYTES)
  return sha256(node)
}

/** The root of the tree without leaves: SHA-256 of nothing. */
export function emptyRoot(): Bytes {
  return sha256(new Uint8Array())
}

/** The root of the tree over these leaf hashes, RFC 6962 §2.1; of no leaves, SHA-256 of nothing. */
export function rootOf(leafHashes: readonly Uint8Array[]): Bytes {
  const first = leafHashes[0]
  if (!first) return emptyRoot()
  if (leafHashes.length === 1) return concat(first)
  const split = splitPoint(leafHashes.length)
  return nodeHash(rootOf(leafHashes.slice(0, split)), rootOf(leafHashes.slice(split)))
}

/** RFC 6962 §2.1: the largest power of two below `size`, which is 2 or more; so many leaves hang to the left. */
export function splitPoint(size: number): number {
  let split = 1
  // Not by logarithm: near 2^53 that rounds up.
  while (split * 2 < size) split *= 2
  return split
}

export function isHash(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === HASH_BYTES
}
