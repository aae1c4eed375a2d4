import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'

/** One row of an export by column. */
export type Row = Readonly<Record<string, string>>

export type Slice = {
  bytes: Buffer
  /** Every row with the number of the line that it starts at, the header being line 1. */
  rows: readonly { line: number; cells: Row }[]
  /** The first row that is no more in the slice. */
  next: Row
}

const QUOTE = 0x22
const COMMA = 0x2c
const LINE_FEED = 0x0a

type Span = { from: number; to: number; line: number; first: string }

/**
 * Cuts a CSV file into records by its bytes. That is right for UTF-8 and for GB18030 alike: in neither is a quote, a
 * comma or a line feed ever a part of another character.
 */
function spansOf(bytes: Buffer): Span[] {
  const spans: Span[] = []
  let [from, line, lines] = [0, 1, 1]
  let firstEnd: number | undefined
  let quoted = false
  bytes.forEach((byte, at) => {
    if (byte === LINE_FEED) lines++
    if (byte === QUOTE) quoted = !quoted
    else if (byte === COMMA && !quoted) firstEnd ??= at
    else if (byte === LINE_FEED && !quoted) {
      spans.push({ from, to: at + 1, line, first: bytes.toString('latin1', from, firstEnd ?? at) })
      ;[from, line, firstEnd] = [at + 1, lines, undefined]
    }
  })
  return spans
}

/** The header and the first `count` orders, each with all its rows, in the very bytes of the export. */
export function sliceOf(file: URL, encoding: 'utf-8' | 'gb18030', count: number): Slice {
  const whole = readFileSync(file)
  const [header, ...spans] = spansOf(whole)
  const starts = spans.filter(({ first }, place) => first !== spans[place - 1]?.first)
  const end = starts[count]
  if (!header || !end) throw new Error(`${file.pathname} has fewer than ${count + 1} orders`)
  const read = ({ from, to }: Span): Row => {
    const text = Buffer.concat([whole.subarray(0, header.to), whole.subarray(from, to)])
    const [row = {}]: Row[] = parse(new TextDecoder(encoding).decode(text), { columns: true })
    return row
  }
  const taken = spans.filter(({ from }) => from < end.from)
  const rows = taken.map((span) => ({ line: span.line, cells: read(span) }))
  return { bytes: whole.subarray(0, end.from), rows, next: read(end) }
}

/** A CSV file that the service's own command wrote. */
export function readTable(path: string): Row[] {
  return parse(readFileSync(path), { columns: true, bom: true })
}
