import { closeSync, openSync, readFileSync, readSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Looks for very many byte strings at once, at every offset: in files, in a process's memory, in answers. */

/** A needle is found by its last eight bytes, so none may be shorter; fewer would be found by accident. */
const ANCHOR_BYTES = 8
/** Two filters over hashed anchors: the first fits a core's cache and drops nine offsets in ten, the second nearly all. */
const COARSE_BITS = 21
const FINE_BITS = 25
const CHUNK_BYTES = 4 * 1024 * 1024

export type Hit = { needle: string; spelling: string; where: string; at: number }

type Needle = { name: string; spelling: string; bytes: Buffer }

/** What is read piece by piece: `read` fills the buffer from `at`, and says how many bytes there were. */
export type Region = { start: number; end: number; read(into: Buffer, at: number): number }

export class ByteSearch {
  readonly #coarse = new Uint8Array(2 ** (COARSE_BITS - 3))
  readonly #fine = new Uint8Array(2 ** (FINE_BITS - 3))
  readonly #byAnchor = new Map<number, Needle[]>()
  readonly #known = new Set<string>()
  #longest = 0

  /** How many different byte strings are looked for. */
  get size(): number {
    return this.#known.size
  }

  /** A text in every spelling that a program may give it, or in those whose names match. */
  addText(name: string, text: string, among = /./): this {
    for (const [spelling, bytes] of spellingsOf(text)) {
      if (among.test(spelling)) this.addBytes(name, bytes, spelling)
    }
    return this
  }

  addBytes(name: string, bytes: Uint8Array, spelling = 'bytes'): this {
    if (bytes.length < ANCHOR_BYTES)
      throw new Error(`${name}: too short to be told from chance in ${spelling}`)
    const needle = { name, spelling, bytes: Buffer.from(bytes) }
    const key = needle.bytes.toString('latin1')
    if (this.#known.has(key)) return this
    this.#known.add(key)
    const end = needle.bytes.length
    const hash = hashOf(needle.bytes.readInt32BE(end - 8), needle.bytes.readInt32BE(end - 4))
    const bucket = this.#byAnchor.get(hash)
    if (bucket) bucket.push(needle)
    else this.#byAnchor.set(hash, [needle])
    setBit(this.#coarse, hash >>> (32 - COARSE_BITS))
    setBit(this.#fine, hash >>> (32 - FINE_BITS))
    this.#longest = Math.max(this.#longest, end)
    return this
  }

  /** @param from what `at` of the first byte is. @param upTo matches that start at or behind it are somebody else's. */
  inBytes(haystack: Buffer, where: string, from = 0, upTo = haystack.length): Hit[] {
    const hits: Hit[] = []
    const look = (hash: number, end: number): void => {
      for (const { name, spelling, bytes } of this.#byAnchor.get(hash) ?? []) {
        const at = end - bytes.length
        if (at < 0 || at >= upTo || !haystack.subarray(at, end).equals(bytes)) continue
        hits.push({ needle: name, spelling, where, at: from + at })
      }
    }
    scan(haystack, this.#coarse, this.#fine, look)
    return hits
  }

  inText(text: string, where: string): Hit[] {
    return this.inBytes(Buffer.from(text), where)
  }

  inFile(path: string, where = path): Hit[] {
    const file = openSync(path, 'r')
    try {
      const read = (into: Buffer, at: number) => readSync(file, into, 0, into.length, at)
      return this.inRegion({ start: 0, end: statSync(path).size, read }, where)
    } finally {
      closeSync(file)
    }
  }

  /** Every file below a folder, under the name that it has there; the names themselves too. */
  inFolder(folder: string): Hit[] {
    return filesBelow(folder).flatMap((path) => {
      const name = relative(folder, path)
      return [...this.inText(name, `the name of ${name}`), ...this.inFile(path, name)]
    })
  }

  /** Chunks overlap by the longest needle, so that nothing is lost between two. */
  inRegion({ start, end, read }: Region, where: string): Hit[] {
    const hits: Hit[] = []
    const buffer = Buffer.alloc(CHUNK_BYTES + this.#longest)
    for (let at = start; at < end; at += CHUNK_BYTES) {
      const wanted = Math.min(buffer.length, end - at)
      const got = read(buffer.subarray(0, wanted), at)
      if (got > 0) hits.push(...this.inBytes(buffer.subarray(0, got), where, at, CHUNK_BYTES))
    }
    return hits
  }
}

/** Calls `look` with hash and end of every eight bytes that may be an anchor. */
function scan(
  haystack: Buffer,
  coarse: Uint8Array,
  fine: Uint8Array,
  look: (hash: number, end: number) => void,
): void {
  const { length } = haystack
  let high = 0
  let low = 0
  for (let i = 0; i < length; i++) {
    high = (high << 8) | (low >>> 24)
    low = (low << 8) | haystack[i]!
    const hash = hashOf(high, low)
    const first = hash >>> (32 - COARSE_BITS)
    if ((coarse[first >>> 3]! & (1 << (first & 7))) === 0) continue
    const second = hash >>> (32 - FINE_BITS)
    if ((fine[second >>> 3]! & (1 << (second & 7))) !== 0 && i >= ANCHOR_BYTES - 1) look(hash, i + 1)
  }
}

function setBit(bits: Uint8Array, at: number): void {
  bits[at >>> 3]! |= 1 << (at & 7)
}

function hashOf(high: number, low: number): number {
  const mixed = Math.imul(high, 0x9e3779b1) ^ Math.imul(low, 0x85ebca77)
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
}

export function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

/** A line that names place and kind: never what was found. */
export function sayHits(hits: readonly Hit[]): string[] {
  return hits.map(({ needle, spelling, where, at }) => `${needle} in ${spelling} at ${at} of ${where}`)
}

/** The spellings differ where the text makes them differ; equal ones are looked for once. */
export function spellingsOf(text: string): [spelling: string, bytes: Buffer][] {
  const utf8 = Buffer.from(text)
  const little = Buffer.from(text, 'utf16le')
  const big = Buffer.from(little).swap16()
  const hex = utf8.toString('hex')
  const escaped = encodeURIComponent(text)
  const written: [string, string][] = [
    ['hex', hex],
    ['upper-case hex', hex.toUpperCase()],
    ['percent-encoding', escaped],
    ['lower-case percent-encoding', escaped.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())],
    ['form encoding', escaped.replaceAll('%20', '+')],
    ['JSON escapes', escapeUnits(text, () => true)],
    ['JSON escapes of what is not ASCII', escapeUnits(text, (unit) => unit > 0x7e)],
    ['upper-case JSON escapes', escapeUnits(text, () => true, true)],
    ...[0, 1, 2].flatMap((shift): [string, string][] => {
      const base64 = base64At(utf8, shift)
      return [
        [`base64 behind ${shift} bytes`, base64],
        [`base64url behind ${shift} bytes`, base64.replaceAll('+', '-').replaceAll('/', '_')],
      ]
    }),
  ]
  return [
    ['UTF-8', utf8],
    ['UTF-16LE', little],
    ['UTF-16BE', big],
    ...written.map(([spelling, ascii]): [string, Buffer] => [spelling, Buffer.from(ascii, 'latin1')]),
  ]
}

function escapeUnits(text: string, isEscaped: (unit: number) => boolean, upper = false): string {
  return text
    .split('')
    .map((char) => {
      const unit = char.charCodeAt(0)
      const digits = unit.toString(16).padStart(4, '0')
      return isEscaped(unit) ? `\\u${upper ? digits.toUpperCase() : digits}` : char
    })
    .join('')
}

/** The letters that do not depend on what stands around the text, where `shift` bytes of a triple come before it. */
function base64At(bytes: Buffer, shift: number): string {
  const whole = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
  const first = Math.ceil((shift * 8) / 6)
  const behind = Math.floor(((shift + bytes.length) * 8) / 6)
  return whole.slice(first, behind)
}

export function readFiles(folder: string): { name: string; bytes: Buffer }[] {
  return filesBelow(folder).map((path) => ({ name: relative(folder, path), bytes: readFileSync(path) }))
}
