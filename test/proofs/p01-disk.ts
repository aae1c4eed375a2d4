import { randomInt } from 'node:crypto'
import type { FileOp } from './p01-recording.ts'

// What a disk may hold when the power fails: of each file everything up to its last sync, and of what came after it anything.

/** What a disk writes whole. */
const SECTOR_BYTES = 512

/** A file's bytes as they grow and shrink. */
class Image {
  #bytes = Buffer.alloc(0)
  #size = 0

  write(offset: number, bytes: Buffer): void {
    this.extend(offset + bytes.length)
    bytes.copy(this.#bytes, offset)
  }

  /** A hole reads as zeros. */
  extend(size: number): void {
    if (size > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(size, this.#bytes.length * 2))
      this.#bytes.copy(grown, 0, 0, this.#size)
      this.#bytes = grown
    }
    this.#size = Math.max(this.#size, size)
  }

  cut(size: number): void {
    this.extend(size)
    this.#bytes.fill(0, size, this.#size)
    this.#size = size
  }

  copy(): Image {
    const image = new Image()
    image.write(0, this.content())
    return image
  }

  content(): Buffer {
    return this.#bytes.subarray(0, this.#size)
  }
}

type Later = Exclude<FileOp, { kind: 'sync' }>

/** Which of the later writes have reached the disk, and how much of each. */
export type Fate = {
  name: string
  /** @returns which sectors of write `i` of `count` there are: all, none, or each by itself. */
  keeps(i: number, count: number): 'all' | 'none' | 'some'
}

const drawn = () => randomInt(2) === 0

/** Made anew for each state: some of them choose a place first. */
export const FATES: readonly (() => Fate)[] = [
  () => ({ name: 'nothing that was not synced', keeps: () => 'none' }),
  () => ({ name: 'everything', keeps: () => 'all' }),
  () => ({ name: 'any writes, whole', keeps: () => (drawn() ? 'all' : 'none') }),
  () => ({ name: 'any sectors of any writes', keeps: () => 'some' }),
  () => {
    const share = Math.random()
    const keeps = (i: number, count: number) => inOrder(i, Math.floor(share * count))
    return { name: 'in order, the last one torn', keeps }
  },
  () => {
    const share = Math.random()
    const keeps = (i: number, count: number) => inOrder(count - 1 - i, Math.floor(share * count))
    return { name: 'the latest ones only, the first one torn', keeps }
  },
]

function inOrder(i: number, torn: number): 'all' | 'none' | 'some' {
  if (i === torn) return 'some'
  return i < torn ? 'all' : 'none'
}

/** The files of one run, moved from one call to the next. */
export class Disk {
  readonly #synced = new Map<string, Image>()
  readonly #later = new Map<string, Later[]>()

  take(op: FileOp): void {
    const later = this.#later.get(op.file) ?? []
    this.#later.set(op.file, later)
    if (op.kind !== 'sync') {
      later.push(op)
      return
    }
    const image = this.#synced.get(op.file) ?? new Image()
    this.#synced.set(op.file, image)
    for (const one of later.splice(0)) apply(image, one)
  }

  /** @param halfway an operation that had begun, and of which no more is known. */
  after(fate: Fate, halfway?: FileOp): ReadonlyMap<string, Buffer> {
    const files = new Set([...this.#synced.keys(), ...this.#later.keys()])
    const entries = [...files].map((file): [string, Buffer] => {
      const image = this.#synced.get(file)?.copy() ?? new Image()
      const later = [...(this.#later.get(file) ?? [])]
      if (halfway && halfway.kind !== 'sync' && halfway.file === file) later.push(halfway)
      later.forEach((op, i) => applySome(image, op, fate.keeps(i, later.length)))
      return [file, image.content()]
    })
    return new Map(entries)
  }
}

function apply(image: Image, op: Later): void {
  if (op.kind === 'cut') image.cut(op.size)
  else image.write(op.offset, op.bytes)
}

function applySome(image: Image, op: Later, kept: 'all' | 'none' | 'some'): void {
  if (kept === 'all' || (kept === 'some' && op.kind === 'cut' && drawn())) return apply(image, op)
  if (op.kind === 'cut') return
  // The file's length may have been noted where its content was not.
  if (drawn()) image.extend(op.offset + op.bytes.length)
  if (kept === 'none') return
  const { offset, bytes } = op
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + SECTOR_BYTES - ((offset + at) % SECTOR_BYTES))
    if (drawn()) image.write(offset + at, bytes.subarray(at, end))
    at = end
  }
}
