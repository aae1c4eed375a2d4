import { equalBytes } from '../../core/bytes.ts'
import type { Bytes } from '../../core/bytes.ts'
import { VaultError, isVaultError } from '../../core/errors.ts'
import { openCheckpoint } from '../../tlog/checkpoint.ts'
import type { Checkpoint } from '../../tlog/checkpoint.ts'
import { countCosignatures } from '../../tlog/cosignature.ts'
import type { WitnessPolicy } from '../../tlog/cosignature.ts'
import { HASH_BYTES } from '../../tlog/merkle.ts'
import type { Verifier } from '../../tlog/note.ts'
import { TILE_WIDTH, tilePath } from '../../tlog/tile.ts'
import type { Tile } from '../../tlog/tile.ts'
import { consistencyProof } from '../../tlog/tree.ts'
import type { ReadTiles, TileBytes } from '../../tlog/tree.ts'
import { verifyConsistency } from '../../tlog/verify.ts'
import type { LogSource } from './log-source.ts'
import { readAhead } from './read-ahead.ts'
import { TreeWalk, hashesIn } from './tree-walk.ts'

/** What is held against a log: its key, and how many of which witnesses have to vouch for it. */
export type Trusted = { log: Verifier } & WitnessPolicy

export type LogFaultCode =
  | 'checkpoint_unreadable'
  | 'checkpoint_invalid'
  | 'quorum_not_met'
  | 'earlier_invalid'
  | 'rolled_back'
  | 'forked'
  | 'tile_unreadable'
  | 'tile_wrong'
  | 'root_differs'
  | 'not_consistent'

/** `tile` is the path of the tile, `detail` what the place said. */
export type LogFault = { code: LogFaultCode; tile?: string; detail?: string }

export type LogVerdict = {
  faults: readonly LogFault[]
  /** Undefined if it is not the log's. */
  checkpoint?: Checkpoint
  /** As it was read: what to keep for the next time. */
  note: string
  cosignatures: number
  /** How many leaf hashes were looked at. */
  leaves: number
}

export type LogOptions = {
  /** A checkpoint that was had before, a signed note: the log must be a continuation of it. */
  earlier?: string
  /** Told after each tile of leaves. */
  onProgress?: (leaves: number, size: number) => void
}

/**
 * Checks a whole log from its checkpoint and tiles: the signature, the witnesses, every tile at every level against the
 * leaves' hashes, the root, and that an earlier checkpoint is its beginning, by what the leaves give and by a consistency
 * proof. Reads each tile once, from the left, and keeps a few. Never throws for anything that the source gives.
 */
export async function verifyLog(
  source: LogSource,
  trusted: Trusted,
  { earlier, onProgress = () => undefined }: LogOptions = {},
): Promise<LogVerdict> {
  const note = await attempt(() => source.checkpoint())
  if (typeof note !== 'string') return verdictOf([{ code: 'checkpoint_unreadable', detail: note.said }])
  const checkpoint = openCheckpoint(note, trusted.log)
  const cosignatures = countCosignatures(note, trusted)
  if (!checkpoint) return verdictOf([{ code: 'checkpoint_invalid' }], { note, cosignatures })
  const before = earlier === undefined ? undefined : openCheckpoint(earlier, trusted.log)
  const walked = await walk(source, checkpoint.size, before?.size, onProgress)
  const faults: LogFault[] = [
    ...(cosignatures < trusted.quorum ? [{ code: 'quorum_not_met' } as const] : []),
    ...(earlier !== undefined && !before ? [{ code: 'earlier_invalid' } as const] : []),
    ...walked.faults,
    ...(walked.root && !equalBytes(walked.root, checkpoint.root) ? [{ code: 'root_differs' } as const] : []),
    ...(before ? await checkEarlier(source, before, checkpoint, walked) : []),
  ]
  return verdictOf(faults, { checkpoint, note, cosignatures, leaves: walked.leaves })
}

function verdictOf(faults: readonly LogFault[], found: Partial<LogVerdict> = {}): LogVerdict {
  return { note: '', cosignatures: 0, leaves: 0, ...found, faults }
}

/** @returns what the place said if it does not have what is asked for. */
async function attempt<T>(read: () => Promise<T>): Promise<T | { said: string }> {
  try {
    return await read()
  } catch (error) {
    if (isVaultError(error)) return { said: error.message }
    throw error
  }
}

type Walked = {
  faults: readonly LogFault[]
  leaves: number
  /** Undefined if a tile of leaves was missing. */
  root?: Bytes
  /** Of the first leaves, as many as the earlier checkpoint has; undefined if there are not as many. */
  earlierRoot?: Bytes
}

async function walk(
  source: LogSource,
  size: number,
  earlierSize: number | undefined,
  onProgress: (leaves: number, size: number) => void,
): Promise<Walked> {
  const tree = new TreeWalk()
  const faults: LogFault[] = []
  let leaves = 0
  let earlierRoot = earlierSize === 0 ? tree.root() : undefined
  for await (const { tile, read } of readAhead(leafTiles(size), (tile) => tileFrom(source, tile))) {
    // Beyond a gap nothing can be held against the root any more.
    if ('said' in read)
      return { faults: [...faults, unreadable(tile, read)], leaves, ...(earlierRoot && { earlierRoot }) }
    const hashes = hashesIn(read)
    if (earlierSize !== undefined && earlierSize > leaves && earlierSize <= leaves + tile.width) {
      earlierRoot = tree.root(hashes.slice(0, earlierSize - leaves))
    }
    faults.push(...(await checkTiles(source, tree.add(hashes))))
    leaves += tile.width
    onProgress(leaves, size)
  }
  faults.push(...(await checkTiles(source, tree.edge())))
  return { faults, leaves, root: tree.root(), ...(earlierRoot && { earlierRoot }) }
}

/** Not an array: the size is what the log says it is. */
function* leafTiles(size: number): Generator<Tile> {
  for (let at = 0; at < size; at += TILE_WIDTH) {
    yield { level: 0, index: at / TILE_WIDTH, width: Math.min(TILE_WIDTH, size - at) }
  }
}

/** @returns bytes of the tile's length, or why there are none. */
async function tileFrom(source: LogSource, tile: Tile): Promise<Uint8Array | { said: string }> {
  const read = await attempt(() => source.tile(tile))
  const expected = tile.width * HASH_BYTES
  if ('said' in read || read.length === expected) return read
  return { said: `It has ${read.length} bytes instead of ${expected}.` }
}

function unreadable(tile: Tile, { said }: { said: string }): LogFault {
  return { code: 'tile_unreadable', tile: tilePath(tile), detail: said }
}

/** Holds tiles as they follow from the leaves against those that the log gives out. */
async function checkTiles(source: LogSource, expected: readonly TileBytes[]): Promise<LogFault[]> {
  const faults: LogFault[] = []
  for (const { tile, bytes } of expected) {
    const read = await tileFrom(source, tile)
    if ('said' in read) faults.push(unreadable(tile, read))
    else if (!equalBytes(read, bytes)) faults.push({ code: 'tile_wrong', tile: tilePath(tile) })
  }
  return faults
}

async function checkEarlier(
  source: LogSource,
  before: Checkpoint,
  now: Checkpoint,
  { earlierRoot, faults }: Walked,
): Promise<LogFault[]> {
  if (before.size > now.size) return [{ code: 'rolled_back' }]
  if (earlierRoot && !equalBytes(earlierRoot, before.root)) return [{ code: 'forked' }]
  // Without all tiles there is no proof to be made; what is missing is a finding already.
  if (faults.some(({ code }) => code === 'tile_unreadable')) return []
  const proof = await attempt(() => consistencyProof(before.size, now.size, tilesFrom(source)))
  const [oldRoot, newRoot] = [before.root, now.root]
  const consistent =
    !('said' in proof) &&
    verifyConsistency({ oldSize: before.size, oldRoot, newSize: now.size, newRoot, proof })
  return consistent ? [] : [{ code: 'not_consistent' }]
}

function tilesFrom(source: LogSource): ReadTiles {
  return (tiles) =>
    Promise.all(
      tiles.map(async (tile) => {
        const read = await tileFrom(source, tile)
        if ('said' in read) throw new VaultError('unavailable', read.said)
        return read
      }),
    )
}
