import { fromBase64, fromHex } from '../../src/core/bytes.ts'
import type { Bytes } from '../../src/core/bytes.ts'
import { signCheckpoint } from '../../src/tlog/checkpoint.ts'
import type { Checkpoint } from '../../src/tlog/checkpoint.ts'
import { ed25519Signer, parseVerifier } from '../../src/tlog/note.ts'
import type { Verifier } from '../../src/tlog/note.ts'
import { rootFromTiles } from '../../src/tlog/tree.ts'
import { MemoryTiles } from './memory-tiles.ts'
import { numberedLeaves } from './naive-tree.ts'

export const ORIGIN = 'log.example/vault'

/** 32 bytes that count up from `first`: a key for tests. */
export function seed(first: number): Bytes {
  return Uint8Array.from({ length: 32 }, (_, i) => first + i)
}

export const logSigner = ed25519Signer(ORIGIN, 1, seed(0))
export const witnessSigners = ['w1', 'w2', 'w3'].map((name, i) =>
  ed25519Signer(`witness.example/${name}`, 4, seed(32 * (i + 1))),
)
export const witnessVerifiers = witnessSigners.map(({ verifier }) => verifier)

export function bytesOf(hex: string): Bytes {
  const bytes = fromHex(hex)
  if (!bytes) throw new Error(`not hexadecimal: ${hex}`)
  return bytes
}

export function base64Bytes(text: string): Bytes {
  const bytes = fromBase64(text)
  if (!bytes) throw new Error(`not base64: ${text}`)
  return bytes
}

export function verifierFrom(vkey: string): Verifier {
  const verifier = parseVerifier(vkey)
  if (!verifier) throw new Error(`not a verifier key: ${vkey}`)
  return verifier
}

/** A log of so many numbered leaves: its hashes, tiles and signed checkpoint. */
export async function logOf(size: number) {
  const leaves = numberedLeaves(size)
  const tiles = await MemoryTiles.of(leaves)
  const head = await headOf(tiles, size)
  return { leaves, tiles, head, note: await signCheckpoint(head, logSigner) }
}

export async function headOf(tiles: MemoryTiles, size: number): Promise<Checkpoint> {
  return { origin: ORIGIN, size, root: await rootFromTiles(size, tiles.read), extensions: [] }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The text with each single bit of its UTF-8 flipped. What is then not UTF-8 has U+FFFD in it, as a lax reader sees it. */
export function* bitFlips(text: string): Generator<{ bit: number; text: string }> {
  const bytes = new TextEncoder().encode(text)
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice()
    flipped[bit >> 3]! ^= 1 << (bit & 7)
    yield { bit, text: decoder.decode(flipped) }
  }
}

/** The text cut off after each of its letters, and with each left out. */
export function* cuts(text: string): Generator<string> {
  const letters = text.split('')
  for (let i = 0; i < letters.length; i++) {
    yield letters.slice(0, i).join('')
    yield letters.toSpliced(i, 1).join('')
  }
}
