import { toHex } from '../../src/core/bytes.ts'
import { NaiveTree, naiveLeafHash } from '../tlog/naive-tree.ts'
import {
  CT_CONSISTENCY,
  CT_INCLUSION,
  CT_LEAVES,
  CT_ROOTS,
  C2SP_NOTE,
  EMPTY_ROOT,
  ENOCH,
  PETER,
  PUBLIC_LOG,
} from '../tlog/vectors.ts'
import { BROKEN, OURS } from './p05-implementations.ts'
import type { LogFormat } from './p05-implementations.ts'
import type { ProofReport } from './report.ts'

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex')
const hexes = (hashes: readonly Uint8Array[]): string => hashes.map(toHex).join(' ')

/** Counts what was compared, and keeps what differed. */
class Comparison {
  readonly failures: string[] = []
  compared = 0

  same(what: string, found: unknown, due: unknown): void {
    this.compared++
    if (found !== due && this.failures.length < 100)
      this.failures.push(`${what}: ${String(found).slice(0, 200)} where ${String(due).slice(0, 200)} is due`)
  }
}

/** The reference tests of RFC 6962: roots of 0 to 8 leaves, audit paths, consistency proofs. */
async function compareRfc6962(format: LogFormat, seen: Comparison): Promise<void> {
  const leaves = CT_LEAVES.map((leaf) => format.leafHash(bytes(leaf)))
  seen.same('root of 0', toHex(await format.root([])), EMPTY_ROOT)
  for (const [i, root] of CT_ROOTS.entries())
    seen.same(`root of ${i + 1}`, toHex(await format.root(leaves.slice(0, i + 1))), root)
  for (const { index, size, proof } of CT_INCLUSION) {
    const found = await format.inclusion([index], leaves.slice(0, size))
    seen.same(`path of ${index} in ${size}`, hexes(found[0] ?? []), proof.join(' '))
  }
  for (const { from, to, proof } of CT_CONSISTENCY) {
    const found = await format.consistency(from, leaves.slice(0, to))
    seen.same(`consistency of ${from} and ${to}`, hexes(found), proof.join(' '))
  }
}

/** Published notes open under their keys; a published private key gives the published signature. */
async function compareSignedNote(format: LogFormat, seen: Comparison): Promise<void> {
  const both = `${PETER.text}\n${PETER.line}${ENOCH.line}`
  for (const [note, vkey] of [
    [both, PETER.vkey],
    [both, ENOCH.vkey],
    [C2SP_NOTE.note, C2SP_NOTE.vkey],
    [PUBLIC_LOG.note, PUBLIC_LOG.vkey],
  ] as const) {
    seen.same(`note under ${vkey}`, format.opens(note, vkey), true)
    seen.same(`changed note under ${vkey}`, format.opens(`x${note}`, vkey), false)
  }
  const seed = Buffer.from(PETER.seed, 'base64')
  const signed = await format.sign('PeterNeumann', seed, PETER.text)
  seen.same('signed note', signed, `${PETER.text}\n${PETER.line}`)
  for (const vkey of PUBLIC_LOG.witnesses)
    seen.same(`cosigned by ${vkey}`, format.cosignedAt(PUBLIC_LOG.note, vkey), PUBLIC_LOG.cosignedAt)
}

/** Paths by c2sp.org/tlog-tiles, made by another way than ours: the index as a number of three digits at a time. */
function pathOf(level: number, index: number, width: number): string {
  const groups: string[] = []
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1_000))
    groups.unshift(`${groups.length === 0 ? '' : 'x'}${String(rest % 1_000).padStart(3, '0')}`)
  return `${level}/${groups.join('/')}${width === 256 ? '' : `.p/${width}`}`
}

type Row = { level: number; full: number; partial: number }

/** The example that c2sp.org/tlog-tiles gives in words, number for number. */
const ROWS_OF_70_000: readonly Row[] = [
  { level: 0, full: 273, partial: 112 },
  { level: 1, full: 1, partial: 17 },
  { level: 2, full: 0, partial: 1 },
]

const pathsOf = (rows: readonly Row[]): string[] =>
  rows.flatMap(({ level, full, partial }) => [
    ...Array.from({ length: full }, (_, index) => pathOf(level, index, 256)),
    ...(partial > 0 ? [pathOf(level, full, partial)] : []),
  ])

function compareLayout(format: LogFormat, seen: Comparison): void {
  seen.same('layout of 70,000', format.layout(70_000).join(' '), pathsOf(ROWS_OF_70_000).join(' '))
  seen.same('layout of 256', format.layout(256).join(' '), '0/000 1/000.p/1')
  seen.same('layout of 0', format.layout(0).join(' '), '')
  seen.same('path', format.layout(1_235 * 256).includes('0/x001/234'), true)
}

/** ⌊size / 256^level⌋ hashes a level, 256 a tile. */
function rowsOf(size: number): Row[] {
  const rows: Row[] = []
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / 256))
    rows.push({ level, full: Math.floor(count / 256), partial: count % 256 })
  return rows
}

/** A real tree: each tile's bytes are the MTHs that the specification says, root and proofs those of the recursion. */
async function compareTree(format: LogFormat, size: number, seen: Comparison): Promise<void> {
  const data = Array.from({ length: size }, (_, i) => Buffer.from(`entry ${i}`))
  const naive = new NaiveTree(data.map((leaf) => naiveLeafHash(leaf)))
  const leaves = data.map((leaf) => format.leafHash(leaf))
  const tiles = await format.tiles(leaves)
  for (const { level, full, partial } of rowsOf(size)) {
    const span = 256 ** level
    for (let index = 0; index < full + (partial > 0 ? 1 : 0); index++) {
      const width = index < full ? 256 : partial
      const due = Array.from({ length: width }, (_, i) => {
        const start = (index * 256 + i) * span
        return naive.root(start + span, start)
      })
      const path = pathOf(level, index, width)
      seen.same(`tile ${path}`, tiles.get(path) ?? 'missing', hexes(due).replaceAll(' ', ''))
    }
  }
  seen.same('root', toHex(await format.root(leaves)), toHex(naive.root()))
  const picked = [0, 1, 255, 256, 257, size >> 1, size - 2, size - 1]
  const paths = await format.inclusion(picked, leaves)
  for (const [i, index] of picked.entries())
    seen.same(`path of ${index}`, hexes(paths[i] ?? []), hexes(naive.path(index)))
  for (const from of picked.slice(1))
    seen.same(
      `consistency from ${from}`,
      hexes(await format.consistency(from, leaves)),
      hexes(naive.consistency(from)),
    )
}

/** Every leaf of every size, and every pair of sizes. */
async function compareSmallTrees(format: LogFormat, most: number, seen: Comparison): Promise<void> {
  const leaves = Array.from({ length: most }, (_, i) => naiveLeafHash(Buffer.from(`small ${i}`)))
  const naive = new NaiveTree(leaves)
  for (let size = 1; size <= most; size++) {
    const own = leaves.slice(0, size)
    const indices = own.map((_, i) => i)
    for (const [index, path] of (await format.inclusion(indices, own)).entries())
      seen.same(`path of ${index} in ${size}`, hexes(path), hexes(naive.path(index, size)))
    for (let from = 1; from <= size; from++) {
      const due = hexes(naive.consistency(from, size))
      seen.same(`consistency of ${from} and ${size}`, hexes(await format.consistency(from, own)), due)
    }
  }
}

async function compareAll(format: LogFormat, sizes: Sizes): Promise<Comparison> {
  const seen = new Comparison()
  await compareRfc6962(format, seen)
  await compareSignedNote(format, seen)
  compareLayout(format, seen)
  await compareTree(format, sizes.tree, seen)
  await compareSmallTrees(format, sizes.small, seen)
  return seen
}

type Sizes = { tree: number; small: number }

/** P5: roots, proofs, tiles and notes are those that RFC 6962, signed-note and tlog-tiles publish. */
export async function prove(sizes: Sizes): Promise<ProofReport> {
  const ours = await compareAll(OURS, sizes)
  const found: number[] = []
  for (const { format } of BROKEN) {
    const { failures } = await compareAll(format, { tree: 600, small: 8 })
    found.push(failures.length)
  }
  return {
    figures: {
      'values compared': ours.compared,
      'entries in the tree': sizes.tree,
      'tiles of 70,000 entries': pathsOf(ROWS_OF_70_000).length,
      'all leaves and pairs of sizes up to': sizes.small,
      'other implementations’ notes and cosignatures': 4 + PUBLIC_LOG.witnesses.length,
      differ: ours.failures.length,
    },
    failures: ours.failures,
    control: {
      broken: BROKEN.map(({ mistake }) => mistake).join('; '),
      // Each of the mistakes has to be found.
      found: Math.min(...found),
    },
  }
}

export const short = (): Promise<ProofReport> => prove({ tree: 3_000, small: 40 })
export const full = (): Promise<ProofReport> => prove({ tree: 70_000, small: 300 })
