import type { Tile } from '../../tlog/tile.ts'

/** Enough that a distant server's round trips overlap; 16 tiles are 128 KiB. */
const AHEAD = 16

/** Reads tiles in order, some before they are asked for. @param read must not fail, or the rest is not read. */
export async function* readAhead<T>(
  tiles: Iterable<Tile>,
  read: (tile: Tile) => Promise<T>,
): AsyncGenerator<{ tile: Tile; read: T }> {
  const underWay: { tile: Tile; reading: Promise<T> }[] = []
  const rest = tiles[Symbol.iterator]()
  const startNext = () => {
    const next = rest.next()
    if (next.done) return
    const reading = read(next.value)
    // It is awaited in its turn, or not at all if the reader stops before: then nobody minds how it ends.
    reading.catch(() => undefined)
    underWay.push({ tile: next.value, reading })
  }
  for (let i = 0; i < AHEAD; i++) startNext()
  for (let first = underWay.shift(); first; first = underWay.shift()) {
    yield { tile: first.tile, read: await first.reading }
    startNext()
  }
}
