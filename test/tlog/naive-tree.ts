import { createHash } from 'node:crypto'

/**
 * RFC 6962 §2.1 to the letter, recursive, over leaf hashes, on another SHA-256. It shares no line with src/tlog.
 * Other prefixes than 0 and 1 make the mistake that a proof's control needs.
 */
export class NaiveTree {
  private readonly hashes: readonly Uint8Array[]
  private readonly nodePrefix: number
  private readonly known = new Map<string, Buffer>()

  constructor(leafHashes: readonly Uint8Array[], nodePrefix = 1) {
    this.hashes = leafHashes
    this.nodePrefix = nodePrefix
  }

  /** MTH(D[start:end]). */
  root(end = this.hashes.length, start = 0): Buffer {
    if (end === start) return createHash('sha256').digest()
    if (end - start === 1) return Buffer.from(this.hashes[start]!)
    const key = `${start}-${end}`
    const known = this.known.get(key)
    if (known) return known
    const k = half(end - start)
    const parts = [Buffer.of(this.nodePrefix), this.root(start + k, start), this.root(end, start + k)]
    const root = createHash('sha256').update(Buffer.concat(parts)).digest()
    this.known.set(key, root)
    return root
  }

  /** PATH(m, D[start:end]), §2.1.1. */
  path(m: number, end = this.hashes.length, start = 0): Buffer[] {
    if (end - start === 1) return []
    const k = half(end - start)
    return m < k
      ? [...this.path(m, start + k, start), this.root(end, start + k)]
      : [...this.path(m - k, end, start + k), this.root(start + k, start)]
  }

  /** PROOF(m, D[0:n]), §2.1.2. */
  consistency(m: number, n = this.hashes.length): Buffer[] {
    return this.subproof(m, 0, n, true)
  }

  private subproof(m: number, start: number, end: number, whole: boolean): Buffer[] {
    if (m === end - start) return whole ? [] : [this.root(end, start)]
    const k = half(end - start)
    return m <= k
      ? [...this.subproof(m, start, start + k, whole), this.root(end, start + k)]
      : [...this.subproof(m - k, start + k, end, false), this.root(start + k, start)]
  }
}

/** The largest power of two smaller than n. */
function half(n: number): number {
  let k = 1
  while (2 * k < n) k = 2 * k
  return k
}

export function naiveLeafHash(leaf: Uint8Array, prefix = 0): Buffer {
  return createHash('sha256')
    .update(Buffer.concat([Buffer.of(prefix), leaf]))
    .digest()
}

/** Leaf hashes that differ: of the numbers from `from` on. */
export function numberedLeaves(count: number, from = 0): Buffer[] {
  return Array.from({ length: count }, (_, i) => naiveLeafHash(Buffer.from(`leaf ${from + i}`)))
}
