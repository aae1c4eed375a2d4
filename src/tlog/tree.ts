import { concat } from '../core/bytes.ts'
import type { Bytes } from '../core/bytes.ts'
import { isSize } from './encoding.ts'
import { HASH_BYTES, emptyRoot, isHash, nodeHash, splitPoint } from './merkle.ts'
import { TILE_WIDTH, hashesAt, tileHolding, tilePath } from './tile.ts'
import type { Tile } from './tile.ts'

/**
 * Where tiles come from: a table, a folder, a URL. What it gives is not trusted: whoever asks for a root or a proof
 * holds it against a checkpoint.
 *
 * @returns the bytes of each tile, width · 32, in the order asked.
 * @throws whatever the place throws, if one is missing.
 */
export type ReadTiles = (tiles: readonly Tile[]) => Promise<readonly Uint8Array[]>

export type TileBytes = { tile: Tile; bytes: Bytes }

/** Leaves from `start` up to `end`, without `end`. */
type Range = { start: number; end: number }

/** A complete subtree: the 2^height leaves from index · 2^height on. */
type Subtree = { height: number; index: number }

/** A tile spans eight levels of the binary tree. */
const TILE_HEIGHT = 8

/**
 * Adds leaves at the right. Reads, in one call, the partial tiles at the right edge that grow, and no others.
 *
 * @returns the whole new contents of each tile that is new or grew, level by level, left to right. The partial tiles of
 *   the old size are not among them: they stay what they were.
 * @throws RangeError for a size or hash that cannot be; Error if a tile that was read has not its length.
 */
export async function growTiles(
  oldSize: number,
  leafHashes: readonly Uint8Array[],
  read: ReadTiles,
): Promise<TileBytes[]> {
  const newSize = oldSize + leafHashes.length
  if (!isSize(oldSize) || !isSize(newSize)) throw new RangeError(`no such size: ${oldSize}, ${newSize}`)
  if (!leafHashes.every(isHash)) throw new RangeError('not a hash of 32 bytes')
  const edge = await readAll(growingEdge(oldSize, newSize), read)
  const grown: TileBytes[] = []
  let added: readonly Uint8Array[] = leafHashes
  for (let level = 0; added.length > 0; level++) {
    const first = Math.floor(hashesAt(level, oldSize) / TILE_WIDTH)
    const before = edge.find(({ tile }) => tile.level === level)
    const tiles = growLevel({ level, first, before: before?.bytes, added })
    for (const tile of tiles) grown.push(tile)
    added = tiles
      .filter(({ tile }) => tile.width === TILE_WIDTH)
      .map(({ bytes }) => new TileNodes(bytes).node(TILE_HEIGHT, 0))
  }
  return grown
}

/** The partial tiles of the old size, of those levels that get more hashes. */
function growingEdge(oldSize: number, newSize: number): Tile[] {
  const edge: Tile[] = []
  for (let level = 0; hashesAt(level, oldSize) < hashesAt(level, newSize); level++) {
    const hashes = hashesAt(level, oldSize)
    if (hashes % TILE_WIDTH > 0) edge.push(tileHolding(level, hashes, oldSize))
  }
  return edge
}

function growLevel(row: {
  level: number
  first: number
  before: Uint8Array | undefined
  added: readonly Uint8Array[]
}): TileBytes[] {
  const hashes = row.before ? [...hashesIn(row.before), ...row.added] : row.added
  const tiles: TileBytes[] = []
  for (let at = 0; at < hashes.length; at += TILE_WIDTH) {
    const bytes = concat(...hashes.slice(at, at + TILE_WIDTH))
    const tile = {
      level: row.level,
      index: row.first + at / TILE_WIDTH,
      width: bytes.length / HASH_BYTES,
    }
    tiles.push({ tile, bytes })
  }
  return tiles
}

/** @throws RangeError for a size that cannot be; Error if a tile that was read has not its length. */
export async function rootFromTiles(size: number, read: ReadTiles): Promise<Bytes> {
  if (!isSize(size)) throw new RangeError(`no such size: ${size}`)
  const [root] = await hashRanges([{ start: 0, end: size }], size, read)
  return root ?? emptyRoot()
}

/**
 * RFC 6962 §2.1.1: the audit path of leaf `index` in the tree of `size` leaves, from the leaf's sibling up. Reads tiles
 * of that size in one call, O(log size) of them.
 *
 * @throws RangeError unless 0 ≤ index < size; Error if a tile that was read has not its length.
 */
export async function inclusionProof(index: number, size: number, read: ReadTiles): Promise<Bytes[]> {
  const [proof = []] = await inclusionProofs([index], size, read)
  return proof
}

/**
 * Many audit paths of one tree: each tile is read, and each of its inner nodes hashed, once.
 *
 * @returns a path for each index, in the order asked.
 * @throws as `inclusionProof`.
 */
export async function inclusionProofs(
  indices: readonly number[],
  size: number,
  read: ReadTiles,
): Promise<Bytes[][]> {
  for (const index of indices)
    if (!isSize(index) || !isSize(size) || index >= size)
      throw new RangeError(`no leaf ${index} among ${size}`)
  const paths = indices.map((index) => inclusionRanges(index, size))
  const hashes = await hashRanges(paths.flat(), size, read)
  let at = 0
  return paths.map(({ length }) => hashes.slice(at, (at += length)))
}

/**
 * RFC 6962 §2.1.2: that the tree of `oldSize` leaves is the beginning of that of `newSize`. Empty from size 0 and to the
 * same size (c2sp.org/tlog-witness). Reads tiles of the new size in one call, O(log newSize) of them.
 *
 * @throws RangeError unless 0 ≤ oldSize ≤ newSize; Error if a tile that was read has not its length.
 */
export async function consistencyProof(oldSize: number, newSize: number, read: ReadTiles): Promise<Bytes[]> {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize)
    throw new RangeError(`no way from size ${oldSize} to ${newSize}`)
  return hashRanges(consistencyRanges(oldSize, newSize), newSize, read)
}

/** PATH(m, D[n]) of RFC 6962 §2.1.1, as the ranges whose roots make it up. */
function inclusionRanges(index: number, size: number): Range[] {
  const ranges: Range[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const split = start + splitPoint(end - start)
    ranges.push(index < split ? { start: split, end } : { start, end: split })
    if (index < split) end = split
    else start = split
  }
  return ranges.toReversed()
}

/** PROOF(m, D[n]) of RFC 6962 §2.1.2, as the ranges whose roots make it up. */
function consistencyRanges(oldSize: number, newSize: number): Range[] {
  if (oldSize === 0) return []
  const ranges: Range[] = []
  let [start, end] = [0, newSize]
  while (end > oldSize) {
    const split = start + splitPoint(end - start)
    ranges.push(oldSize <= split ? { start: split, end } : { start, end: split })
    if (oldSize <= split) end = split
    else start = split
  }
  // Once the way has gone right, what is left is not the old root, which the verifier has, but a part of it.
  if (start > 0) ranges.push({ start, end })
  return ranges.toReversed()
}

/** The roots of ranges that begin where a subtree of their length may begin; of an empty range, none. */
async function hashRanges(ranges: readonly Range[], size: number, read: ReadTiles): Promise<Bytes[]> {
  const parts = ranges.map((range) => subtreesOf(range).map((subtree) => placeOf(subtree, size)))
  const asked = new Map(parts.flat().map(({ path, tile }) => [path, tile]))
  const nodes = new Map<string, TileNodes>()
  for (const { tile, bytes } of await readAll([...asked.values()], read))
    nodes.set(tilePath(tile), new TileNodes(bytes))
  const rootAt = ({ path, height, at }: Place): Bytes => {
    const inTile = nodes.get(path)
    if (!inTile) throw new Error(`tile ${path}: not read`)
    return inTile.node(height, at)
  }
  return parts
    .filter((part) => part.length > 0)
    .map((part) => part.map(rootAt).reduceRight((right, left) => nodeHash(left, right)))
}

/** The complete subtrees that a range falls into, largest first: the ones of its length in binary. */
function subtreesOf({ start, end }: Range): Subtree[] {
  const subtrees: Subtree[] = []
  let at = start
  while (at < end) {
    let height = 0
    while (at + 2 ** (height + 1) <= end) height++
    subtrees.push({ height, index: at / 2 ** height })
    at += 2 ** height
  }
  return subtrees
}

/** Where the root of a subtree is found: node `at` of the row `height` above a tile's hashes. */
type Place = { tile: Tile; path: string; height: number; at: number }

/** All hashes that a subtree's root follows from stand in one tile, as tiles go by eights. */
function placeOf({ height, index }: Subtree, size: number): Place {
  const rise = height % TILE_HEIGHT
  const tile = tileHolding(Math.floor(height / TILE_HEIGHT), index * 2 ** rise, size)
  return { tile, path: tilePath(tile), height: rise, at: index % 2 ** (TILE_HEIGHT - rise) }
}

/** The binary tree over a tile's hashes; each node is computed when first asked for, and once. */
class TileNodes {
  private readonly hashes: Uint8Array
  private readonly known = new Map<number, Bytes>()

  constructor(hashes: Uint8Array) {
    this.hashes = hashes
  }

  node(height: number, at: number): Bytes {
    if (height === 0) return concat(this.hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES))
    const key = height * TILE_WIDTH + at
    const known = this.known.get(key)
    if (known) return known
    const node = nodeHash(this.node(height - 1, 2 * at), this.node(height - 1, 2 * at + 1))
    this.known.set(key, node)
    return node
  }
}

function hashesIn(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, i) =>
    bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  )
}

async function readAll(
  tiles: readonly Tile[],
  read: ReadTiles,
): Promise<{ tile: Tile; bytes: Uint8Array }[]> {
  if (tiles.length === 0) return []
  const contents = await read(tiles)
  return tiles.map((tile, i) => {
    const bytes = contents[i]
    if (bytes?.length !== tile.width * HASH_BYTES)
      throw new Error(`tile ${tilePath(tile)}: ${bytes?.length ?? 'no'} bytes`)
    return { tile, bytes }
  })
}
