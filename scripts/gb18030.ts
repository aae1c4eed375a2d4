// Text to GB18030. The platform only decodes it, so the table is the decoder's, turned around.

const decoder = new TextDecoder('gb18030', { fatal: true })

/** First bytes 81–FE; second bytes of pairs 40–FE without 7F, of quads 30–39 (GB 18030-2022, clause 5). */
const FIRST = { from: 0x81, to: 0xfe }
const PAIR_SECOND = { from: 0x40, to: 0xfe, without: 0x7f }
const QUAD_STEPS = [12600, 1260, 10] as const
/** Quads from 90308130 on are the supplementary planes in order. */
const SUPPLEMENTARY_QUAD = (0x90 - 0x81) * QUAD_STEPS[0]
const BMP_QUADS = 39_420

function decodeOne(bytes: readonly number[]): string | undefined {
  try {
    return decoder.decode(Uint8Array.from(bytes))
  } catch {
    // Not assigned.
    return undefined
  }
}

function quad(index: number): number[] {
  const [first, second, third] = QUAD_STEPS
  return [
    0x81 + Math.floor(index / first),
    0x30 + (Math.floor(index / second) % 10),
    0x81 + (Math.floor(index / third) % 126),
    0x30 + (index % 10),
  ]
}

function buildTable(): Map<string, readonly number[]> {
  const table = new Map<string, readonly number[]>()
  const add = (bytes: readonly number[]): void => {
    const char = decodeOne(bytes)
    if (char !== undefined && !table.has(char)) table.set(char, bytes)
  }
  for (let byte = 0; byte < 0x80; byte++) add([byte])
  for (let first = FIRST.from; first <= FIRST.to; first++) {
    for (let second = PAIR_SECOND.from; second <= PAIR_SECOND.to; second++) {
      if (second !== PAIR_SECOND.without) add([first, second])
    }
  }
  for (let index = 0; index < BMP_QUADS; index++) add(quad(index))
  return table
}

let table: Map<string, readonly number[]> | undefined

/** @throws Error for what GB18030 cannot write, a lone surrogate. */
export function encodeGb18030(text: string): Buffer {
  table ??= buildTable()
  const bytes: number[] = []
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    const found = code >= 0x10000 ? quad(SUPPLEMENTARY_QUAD + code - 0x10000) : table.get(char)
    if (found === undefined) throw new Error(`not in GB18030: U+${code.toString(16)}`)
    bytes.push(...found)
  }
  return Buffer.from(bytes)
}
