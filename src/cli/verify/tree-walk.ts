import { concat } from '../../core/bytes.ts'
import type { Bytes } from '../../core/bytes.ts'
import { HASH_BYTES, emptyRoot, nodeHash, rootOf } from '../../tlog/merkle.ts'
import { TILE_WIDTH } from '../../tlog/tile.ts'
import type { Tile } from '../../tlog/tile.ts'
import type { TileBytes } from '../../tlog/tree.ts'

export function hashesIn(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, i) =>
    bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  )
}

type Row = { hashes: readonly Uint8Array[]; fullTiles: number }

/**
 * A tree from its leaves' hashes, from the left, a tile at a time. It keeps what no full tile holds yet: at most 256 hashes
 * a level, however long the log. What it says of the levels above follows from the leaves alone.
 */
export class TreeWalk {
  readonly #rows: Row[] = []

  /** @param leafHashes those of one level-0 tile; only the last may be partial. @returns the tiles above that are full now. */
  add(leafHashes: readonly Uint8Array[]): TileBytes[] {
    const full: TileBytes[] = []
    let added: readonly Uint8Array[] = leafHashes
    for (let level = 0; added.length > 0; level++) {
      const { hashes, fullTiles } = this.#rows[level] ?? { hashes: [], fullTiles: 0 }
      const row = [...hashes, ...added]
      if (row.length < TILE_WIDTH) {
        this.#rows[level] = { hashes: row, fullTiles }
        break
      }
      this.#rows[level] = { hashes: [], fullTiles: fullTiles + 1 }
      if (level > 0) full.push(tileOf(level, { hashes: row, fullTiles }))
      added = [rootOf(row)]
    }
    return full
  }

  /** The partial tiles at the right edge, above the leaves. */
  edge(): TileBytes[] {
    return this.#rows.flatMap((row, level) =>
      level > 0 && row.hashes.length > 0 ? [tileOf(level, row)] : [],
    )
  }

  /** RFC 6962's root over all leaves so far, and `more` behind them that are not added: at most a tile. */
  root(more: readonly Uint8Array[] = []): Bytes {
    const rows = this.#rows.map(({ hashes }) => hashes)
    rows[0] = [...(rows[0] ?? []), ...more]
    const parts = rows.toReversed().flatMap(completeSubtrees)
    return parts.length === 0 ? emptyRoot() : parts.reduceRight((right, left) => nodeHash(left, right))
  }
}

function tileOf(level: number, { hashes, fullTiles }: Row): TileBytes {
  const tile: Tile = { level, index: fullTiles, width: hashes.length }
  return { tile, bytes: concat(...hashes) }
}

/** A row falls into complete subtrees, largest first: the ones of its length in binary. */
function completeSubtrees(row: readonly Uint8Array[]): Bytes[] {
  const roots: Bytes[] = []
  let at = 0
  for (let width = TILE_WIDTH; width >= 1; width /= 2) {
    if (row.length - at < width) continue
    roots.push(rootOf(row.slice(at, at + width)))
    at += width
  }
  return roots
}
