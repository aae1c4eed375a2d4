import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from '../core/bytes.ts'
import type { Bytes } from '../core/bytes.ts'

/** RFC 6962 §2.1 (and RFC 9162 §2.1.1): the prefix keeps a leaf from passing for an inner node. */
const LEAF_PREFIX = Uint8Array.of(0x00)
const NODE_PREFIX = Uint8Array.of(0x01)

/** @returns SHA-256(0x00 ‖ leaf), 32 bytes. */
export function leafHash(leaf: Uint8Array): Bytes {
  return sha256.create().update(LEAF_PREFIX).update(leaf).digest()
}

/** @returns SHA-256(0x01 ‖ left ‖ right), 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Bytes {
  return sha256.create().update(NODE_PREFIX).update(left).update(right).digest()
}

/** The root of the tree over these leaf hashes, RFC 6962 §2.1; of no leaves, SHA-256 of nothing. */
export function rootOf(leafHashes: readonly Uint8Array[]): Bytes {
  const first = leafHashes[0]
  if (!first) return sha256(new Uint8Array())
  if (leafHashes.length === 1) return concat(first)
  const split = 2 ** Math.floor(Math.log2(leafHashes.length - 1))
  return nodeHash(rootOf(leafHashes.slice(0, split)), rootOf(leafHashes.slice(split)))
}
