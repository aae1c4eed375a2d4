import { equalBytes } from '../core/bytes.ts'
import { isSize } from './encoding.ts'
import { emptyRoot, isHash, nodeHash } from './merkle.ts'

/** Sizes end at 2^53 − 1, so no honest proof is longer; c2sp.org/tlog-witness draws the line at 63. */
export const MAX_PROOF_HASHES = 63

export type Inclusion = {
  leafHash: Uint8Array
  index: number
  size: number
  root: Uint8Array
  proof: readonly Uint8Array[]
}

export type Consistency = {
  oldSize: number
  oldRoot: Uint8Array
  newSize: number
  newRoot: Uint8Array
  proof: readonly Uint8Array[]
}

/** RFC 9162 §2.1.3.2. Never throws: what is malformed is not proved. */
export function verifyInclusion({ leafHash, index, size, root, proof }: Inclusion): boolean {
  if (!isSize(index) || !isSize(size) || index >= size) return false
  if (!isHash(leafHash) || !isHash(root) || !isProof(proof)) return false
  const climb = new Climb(index, size - 1)
  let hash = leafHash
  for (const sibling of proof) {
    if (climb.atTop()) return false
    hash = climb.step() === 'left' ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
  }
  return climb.atTop() && equalBytes(hash, root)
}

/**
 * RFC 9162 §2.1.4.2: that the old tree is the beginning of the new one. From size 0, and to the same size, the proof is
 * empty (c2sp.org/tlog-witness). Never throws: what is malformed is not proved.
 */
export function verifyConsistency({ oldSize, oldRoot, newSize, newRoot, proof }: Consistency): boolean {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) return false
  if (!isHash(oldRoot) || !isHash(newRoot) || !isProof(proof)) return false
  if (oldSize === newSize && !equalBytes(oldRoot, newRoot)) return false
  if (oldSize === 0) return proof.length === 0 && equalBytes(oldRoot, emptyRoot())
  if (oldSize === newSize) return proof.length === 0
  return joins({ oldSize, oldRoot, newSize, newRoot, proof })
}

/** Both roots from one list of hashes; 0 < oldSize < newSize. */
function joins({ oldSize, oldRoot, newSize, newRoot, proof }: Consistency): boolean {
  const climb = new Climb(oldSize - 1, newSize - 1)
  climb.skipRightChildren()
  // A complete old tree is itself the first hash, which the verifier has.
  const [first, ...rest] = climb.atLeftEdge() ? [oldRoot, ...proof] : proof
  if (!first || proof.length === 0) return false
  let [before, after] = [first, first]
  for (const sibling of rest) {
    if (climb.atTop()) return false
    if (climb.step() === 'left') {
      before = nodeHash(sibling, before)
      after = nodeHash(sibling, after)
    } else after = nodeHash(after, sibling)
  }
  return climb.atTop() && equalBytes(before, oldRoot) && equalBytes(after, newRoot)
}

function isProof(proof: readonly Uint8Array[]): boolean {
  // `every` alone would step over the holes of a sparse array.
  return Array.isArray(proof) && proof.length <= MAX_PROOF_HASHES && Array.from(proof).every(isHash)
}

/** The way from a node to the root, fn and sn of RFC 9162: the node's place in its row, and the row's last. */
class Climb {
  private place: number
  private last: number

  constructor(place: number, last: number) {
    this.place = place
    this.last = last
  }

  atTop(): boolean {
    return this.last === 0
  }

  atLeftEdge(): boolean {
    return this.place === 0
  }

  skipRightChildren(): void {
    while (this.place % 2 === 1) this.up()
  }

  /** One hash of the proof further. @returns the side on which that hash stands. */
  step(): 'left' | 'right' {
    const left = this.place % 2 === 1 || this.place === this.last
    // The last of a row has no sibling until it is a right child: it is carried up unhashed.
    if (left) while (this.place % 2 === 0 && this.place > 0) this.up()
    this.up()
    return left ? 'left' : 'right'
  }

  private up(): void {
    this.place = Math.floor(this.place / 2)
    this.last = Math.floor(this.last / 2)
  }
}
