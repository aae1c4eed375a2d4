import type { Bytes } from '../core/bytes.ts'
import { nodeHash, rootOf } from './merkle.ts'

/** The root of a log that is read once, leaf by leaf: of the tree so far only its complete subtrees are kept. */
export class RunningRoot {
  /** From left to right, each smaller than the one before. */
  readonly #subtrees: { height: number; hash: Bytes }[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /** @param onComplete is told of every subtree that this leaf completes, the leaf itself first: its height and its root. */
  add(leafHash: Bytes, onComplete?: (height: number, hash: Bytes) => void): void {
    let subtree = { height: 0, hash: leafHash }
    onComplete?.(0, leafHash)
    for (let left = this.#subtrees.at(-1); left?.height === subtree.height; left = this.#subtrees.at(-1)) {
      this.#subtrees.pop()
      subtree = { height: subtree.height + 1, hash: nodeHash(left.hash, subtree.hash) }
      onComplete?.(subtree.height, subtree.hash)
    }
    this.#subtrees.push(subtree)
    this.#size += 1
  }

  /** RFC 6962 §2.1 over all leaves so far. */
  root(): Bytes {
    const [last, ...rest] = this.#subtrees.toReversed()
    if (!last) return rootOf([])
    return rest.reduce((right, left) => nodeHash(left.hash, right), last.hash)
  }
}
