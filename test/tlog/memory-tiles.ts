import type { Bytes } from '../../src/core/bytes.ts'
import { tilePath } from '../../src/tlog/tile.ts'
import type { Tile } from '../../src/tlog/tile.ts'
import { growTiles } from '../../src/tlog/tree.ts'
import type { ReadTiles } from '../../src/tlog/tree.ts'

/** A tree kept as tiles by their paths, old partial ones too, as a log serves them. Knows what was read. */
export class MemoryTiles {
  readonly contents = new Map<string, Bytes>()
  reads: string[][] = []
  size = 0

  readonly read: ReadTiles = (tiles) => {
    this.reads.push(tiles.map(tilePath))
    return Promise.resolve(tiles.map((tile) => this.at(tile)))
  }

  at(tile: Tile): Bytes {
    const bytes = this.contents.get(tilePath(tile))
    if (!bytes) throw new Error(`no tile ${tilePath(tile)}`)
    return bytes
  }

  async grow(leafHashes: readonly Uint8Array[]): Promise<Tile[]> {
    const grown = await growTiles(this.size, leafHashes, this.read)
    for (const { tile, bytes } of grown) this.contents.set(tilePath(tile), bytes)
    this.size += leafHashes.length
    return grown.map(({ tile }) => tile)
  }

  static async of(leafHashes: readonly Uint8Array[]): Promise<MemoryTiles> {
    const tiles = new MemoryTiles()
    await tiles.grow(leafHashes)
    tiles.reads = []
    return tiles
  }
}
