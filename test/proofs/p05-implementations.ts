import { toHex, utf8 } from '../../src/core/bytes.ts'
import { verifyCosignature } from '../../src/tlog/cosignature.ts'
import { leafHash } from '../../src/tlog/merkle.ts'
import { ed25519Signer, formatNote, parseNote, parseVerifier, verifyNote } from '../../src/tlog/note.ts'
import { tilePath, tilesOf } from '../../src/tlog/tile.ts'
import { consistencyProof, inclusionProofs, rootFromTiles } from '../../src/tlog/tree.ts'
import { MemoryTiles } from '../tlog/memory-tiles.ts'
import { NaiveTree, naiveLeafHash } from '../tlog/naive-tree.ts'

/** What P5 looks at, so that the same comparison runs over implementations that are known to be wrong. */
export type LogFormat = {
  leafHash(leaf: Uint8Array): Uint8Array
  root(leafHashes: readonly Uint8Array[]): Promise<Uint8Array>
  inclusion(indices: readonly number[], leafHashes: readonly Uint8Array[]): Promise<Uint8Array[][]>
  consistency(from: number, leafHashes: readonly Uint8Array[]): Promise<Uint8Array[]>
  /** Paths of all tiles. */
  layout(size: number): string[]
  /** Tiles by their paths, in hexadecimal. */
  tiles(leafHashes: readonly Uint8Array[]): Promise<Map<string, string>>
  /** A note with one signature. */
  sign(name: string, seed: Uint8Array, text: string): Promise<string>
  opens(note: string, vkey: string): boolean
  cosignedAt(note: string, vkey: string): number | undefined
}

/** The tree of some leaf hashes, kept: the comparison asks for the same one many times. */
const trees = new WeakMap<readonly Uint8Array[], Promise<MemoryTiles>>()

function treeOf(leafHashes: readonly Uint8Array[]): Promise<MemoryTiles> {
  const known = trees.get(leafHashes)
  if (known) return known
  const made = grown(leafHashes)
  trees.set(leafHashes, made)
  return made
}

/** In steps of many lengths, as a log grows: right edges that are partial at every level on the way. */
async function grown(leafHashes: readonly Uint8Array[]): Promise<MemoryTiles> {
  const tiles = new MemoryTiles()
  const steps = [1, 255, 1, 300, 4_096, 17]
  for (let i = 0; tiles.size < leafHashes.length; i++) {
    const step = steps[i % steps.length] ?? 1
    await tiles.grow(leafHashes.slice(tiles.size, tiles.size + step))
  }
  return tiles
}

export const OURS: LogFormat = {
  leafHash,
  root: async (leafHashes) => rootFromTiles(leafHashes.length, (await treeOf(leafHashes)).read),
  inclusion: async (indices, leafHashes) =>
    inclusionProofs(indices, leafHashes.length, (await treeOf(leafHashes)).read),
  consistency: async (from, leafHashes) =>
    consistencyProof(from, leafHashes.length, (await treeOf(leafHashes)).read),
  layout: (size) => tilesOf(size).map(tilePath),
  tiles: async (leafHashes) => {
    const { contents } = await treeOf(leafHashes)
    return new Map([...contents].map(([path, bytes]) => [path, toHex(bytes)]))
  },
  sign: (name, seed, text) => signed(name, seed, text, text),
  opens: (note, vkey) => {
    const [parsed, verifier] = [parseNote(note), parseVerifier(vkey)]
    return parsed !== undefined && verifier !== undefined && verifyNote(parsed, verifier) === 'signed'
  },
  cosignedAt: (note, vkey) => {
    const verifier = parseVerifier(vkey)
    return verifier && verifyCosignature(note, verifier)
  },
}

async function signed(name: string, seed: Uint8Array, text: string, message: string): Promise<string> {
  const { verifier, sign } = ed25519Signer(name, 1, seed)
  const signature = Uint8Array.from(await sign(utf8(message)))
  return formatNote({ text, signatures: [{ name, keyId: verifier.keyId, signature }] })
}

/** Mistakes that implementations make, each with everything else right. */
export const BROKEN: readonly { mistake: string; format: LogFormat }[] = [
  {
    mistake: 'leaf and node prefix swapped',
    format: {
      ...OURS,
      leafHash: (leaf) => naiveLeafHash(leaf, 1),
      root: (leafHashes) => Promise.resolve(new NaiveTree(leafHashes, 0).root()),
      inclusion: (indices, leafHashes) => {
        const tree = new NaiveTree(leafHashes, 0)
        return Promise.resolve(indices.map((index) => tree.path(index)))
      },
      consistency: (from, leafHashes) => Promise.resolve(new NaiveTree(leafHashes, 0).consistency(from)),
    },
  },
  {
    mistake: 'audit paths from the root down',
    format: {
      ...OURS,
      inclusion: async (indices, leafHashes) =>
        (await OURS.inclusion(indices, leafHashes)).map((path) => path.toReversed()),
    },
  },
  {
    mistake: 'partial tiles hashed into the level above',
    format: {
      ...OURS,
      layout: (size) => [...OURS.layout(size), '1/001.p/18'],
      tiles: async (leafHashes) => {
        const tiles = await OURS.tiles(leafHashes)
        const full = Math.floor(leafHashes.length / 256)
        const row = tiles.get(`1/000.p/${full}`) ?? ''
        tiles.delete(`1/000.p/${full}`)
        return tiles.set(
          `1/000.p/${full + 1}`,
          row + toHex(new NaiveTree(leafHashes.slice(full * 256)).root()),
        )
      },
    },
  },
  {
    mistake: 'tile indices without x',
    format: { ...OURS, layout: (size) => OURS.layout(size).map((path) => path.replaceAll('x', '')) },
  },
  {
    mistake: 'notes signed without their last newline',
    format: { ...OURS, sign: (name, seed, text) => signed(name, seed, text, text.slice(0, -1)) },
  },
]
