import type { Bytes } from '../../../core/bytes.ts'
import { HASH_BYTES } from '../../../tlog/merkle.ts'
import { RunningRoot } from '../../../tlog/running-root.ts'
import { TILE_WIDTH } from '../../../tlog/tile.ts'
import type { TileBytes } from '../../../tlog/tree.ts'

/** A tile spans eight levels of the binary tree. */
const TILE_HEIGHT = 8

type Row = { bytes: Bytes; count: number; index: number }

/**
 * The tree of a log that is read once, leaf by leaf: tiles as they fill up, and the root at any moment. It holds one tile a level
 * and one hash a height, however long the log.
 */
export class RunningTree {
  readonly #root = new RunningRoot()
  readonly #rows: Row[] = []
  #filled: TileBytes[] = []

  get size(): number {
    return this.#root.size
  }

  add(leafHash: Bytes): void {
    this.#root.add(leafHash, (height, hash) => {
      if (height % TILE_HEIGHT === 0) this.#put(height / TILE_HEIGHT, hash)
    })
  }

  #put(level: number, hash: Bytes): void {
    const row = (this.#rows[level] ??= { bytes: new Uint8Array(TILE_WIDTH * HASH_BYTES), count: 0, index: 0 })
    row.bytes.set(hash, row.count * HASH_BYTES)
    row.count += 1
    if (row.count < TILE_WIDTH) return
    this.#filled.push({ tile: { level, index: row.index, width: TILE_WIDTH }, bytes: row.bytes })
    this.#rows[level] = { bytes: new Uint8Array(TILE_WIDTH * HASH_BYTES), count: 0, index: row.index + 1 }
  }

  /** The tiles that have filled up since they were last taken. */
  takeFilled(): readonly TileBytes[] {
    const filled = this.#filled
    this.#filled = []
    return filled
  }

  /** The tiles at the right edge that are not full. */
  partial(): readonly TileBytes[] {
    return this.#rows.flatMap(({ bytes, count, index }, level) => {
      if (count === 0) return []
      return [{ tile: { level, index, width: count }, bytes: bytes.slice(0, count * HASH_BYTES) }]
    })
  }

  /** RFC 6962 §2.1 over all leaves so far. */
  root(): Bytes {
    return this.#root.root()
  }
}
