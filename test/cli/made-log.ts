import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseCheckpoint, signCheckpoint } from '../../src/tlog/checkpoint.ts'
import { leafHash } from '../../src/tlog/merkle.ts'
import { ed25519Signer, formatVerifier, parseNote } from '../../src/tlog/note.ts'
import type { Signer } from '../../src/tlog/note.ts'
import { tilePath, tilesOf } from '../../src/tlog/tile.ts'
import type { Tile } from '../../src/tlog/tile.ts'
import { consistencyProof, growTiles, inclusionProof, rootFromTiles } from '../../src/tlog/tree.ts'
import { formatAddCheckpoint } from '../../src/tlog/witness.ts'

/** A log of numbered leaves with a key of its own, at any size that it has had. */
export class MadeLog {
  readonly signer: Signer
  size = 0
  readonly #tiles = new Map<string, Uint8Array>()

  /** @param seed one byte: the same gives the same key. */
  constructor(origin = 'log.test/a', seed = 1) {
    this.signer = ed25519Signer(origin, 1, new Uint8Array(32).fill(seed))
  }

  get vkey(): string {
    return formatVerifier(this.signer.verifier)
  }

  leaf(index: number, branch = ''): Uint8Array {
    return Buffer.from(`leaf ${branch}${index}`)
  }

  /** @param branch makes leaves that another log of the same key does not have. */
  async grow(count: number, branch = ''): Promise<this> {
    const hashes = Array.from({ length: count }, (_, i) => leafHash(this.leaf(this.size + i, branch)))
    for (const { tile, bytes } of await growTiles(this.size, hashes, this.read)) {
      this.#tiles.set(`${tile.level}/${tile.index}`, bytes)
    }
    this.size += count
    return this
  }

  bytesOf({ level, index, width }: Tile): Uint8Array {
    return this.#tiles.get(`${level}/${index}`)!.subarray(0, width * 32)
  }

  readonly read = (tiles: readonly Tile[]) => Promise.resolve(tiles.map((tile) => this.bytesOf(tile)))

  async checkpoint(size = this.size): Promise<string> {
    const root = await rootFromTiles(size, this.read)
    return signCheckpoint({ origin: this.signer.verifier.name, size, root, extensions: [] }, this.signer)
  }

  /** The body that asks a witness to go from `oldSize` to `size`. */
  async request(oldSize: number, size = this.size): Promise<string> {
    const proof = await consistencyProof(oldSize, size, this.read)
    return formatAddCheckpoint({ oldSize, proof, note: await this.checkpoint(size) })
  }

  inclusion(index: number, size = this.size) {
    return inclusionProof(index, size, this.read)
  }

  /** As files, at the paths of c2sp.org/tlog-tiles. */
  async writeTo(folder: string, size = this.size): Promise<void> {
    for (const tile of tilesOf(size)) {
      const path = join(folder, 'tile', tilePath(tile))
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, this.bytesOf(tile))
    }
    writeFileSync(join(folder, 'checkpoint'), await this.checkpoint(size))
  }
}

/** How many leaves the checkpoint in this note has. */
export function sizeOf(note = ''): number | undefined {
  return parseCheckpoint(parseNote(note)?.text ?? '')?.size
}
