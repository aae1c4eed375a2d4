import { isSize, parseDecimal } from './encoding.ts'

/** c2sp.org/tlog-tiles: a full tile has 256 hashes, 8,192 bytes. */
export const TILE_WIDTH = 256
const MAX_LEVEL = 63

/**
 * Hashes side by side in one level of the tree: at level 0 those of leaves, above that each the root of a full tile
 * below. Hash i of tile n spans the leaves from (256·n + i)·256^level on, 256^level of them.
 */
export type Tile = {
  /** 0 to 63. */
  readonly level: number
  /** From the left, from 0. */
  readonly index: number
  /** 1 to 256; with fewer than 256 the tile is partial. */
  readonly width: number
}

/**
 * What follows `tile/` in a URL: `0/x001/234`, or `0/x001/234.p/5` for a partial tile.
 *
 * @throws RangeError for a tile that cannot be.
 */
export function tilePath(tile: Tile): string {
  requireTile(tile)
  const digits = String(tile.index)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/[0-9]{3}/g) ?? []
  const index = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return `${tile.level}/${index}${tile.width === TILE_WIDTH ? '' : `.p/${tile.width}`}`
}

function requireTile({ level, index, width }: Tile): void {
  const fits =
    isSize(level) &&
    level <= MAX_LEVEL &&
    isSize(index) &&
    Number.isInteger(width) &&
    width >= 1 &&
    width <= TILE_WIDTH
  if (!fits) throw new RangeError(`no such tile: level ${level}, index ${index}, width ${width}`)
}

/** @returns undefined for anything but the one spelling that `tilePath` gives. */
export function parseTilePath(path: string): Tile | undefined {
  const parts = /^([0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path)
  if (!parts) return undefined
  const [, levelText = '', indexText = '', widthText] = parts
  const level = parseDecimal(levelText)
  const index = Number(indexText.replaceAll(/[x/]/g, ''))
  const width = widthText === undefined ? TILE_WIDTH : parseDecimal(widthText)
  if (level === undefined || level > MAX_LEVEL || !Number.isSafeInteger(index)) return undefined
  if (width === undefined || width < 1 || width > TILE_WIDTH) return undefined
  const tile = { level, index, width }
  // A leading group of zeros, or `.p/256`, says the same in another spelling.
  return tilePath(tile) === path ? tile : undefined
}

/**
 * Every tile of a tree of `size` leaves, level by level, left to right, partial ones at the right included. An array of
 * about size / 255: for walking a whole log, not for a size that a stranger names.
 */
export function tilesOf(size: number): Tile[] {
  const tiles: Tile[] = []
  for (let level = 0; hashesAt(level, size) > 0; level++) {
    const hashes = hashesAt(level, size)
    const full = Math.floor(hashes / TILE_WIDTH)
    for (let index = 0; index < full; index++) tiles.push({ level, index, width: TILE_WIDTH })
    if (hashes % TILE_WIDTH > 0) tiles.push({ level, index: full, width: hashes % TILE_WIDTH })
  }
  return tiles
}

/** How many hashes stand in one level of a tree of `size` leaves: ⌊size / 256^level⌋. */
export function hashesAt(level: number, size: number): number {
  // Powers of two divide exactly, and what is beyond 2^53 divides to less than one.
  return Math.floor(size / TILE_WIDTH ** level)
}

/** The tile that holds hash number `hash` of a level, as wide as a tree of `size` leaves has it. */
export function tileHolding(level: number, hash: number, size: number): Tile {
  const index = Math.floor(hash / TILE_WIDTH)
  const width = Math.min(TILE_WIDTH, hashesAt(level, size) - index * TILE_WIDTH)
  return { level, index, width }
}
