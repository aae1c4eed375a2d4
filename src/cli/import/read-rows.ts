import { parse } from 'csv-parse/sync'
import { VaultError } from '../../core/errors.ts'

/** One row of the export. A row with a defect that left no cells has its whole text as the first. */
export type Row = { line: number; cells: readonly string[]; defect?: 'row_malformed' | 'encoding_invalid' }

/**
 * A quote that is opened and never closed would swallow the rest of the file. A record that is still open after so many
 * lines is broken; no cell of an order export comes near.
 */
const MAX_RECORD_LINES = 500
/** Bounds what is held of a file that has no line breaks. */
const MAX_LINE_CHARS = 1024 * 1024
const DAMAGED = '\ufffd'

/** `="0123"` without quotes around: RFC 4180 forbids it, shops write it. */
const BARE_FORMULA = /(^|,)="([^",\r\n]*)"(?=,|\r?$)/gm

/** @returns undefined unless all of the text is well-formed. */
function parseStrictly(text: string): string[][] | undefined {
  try {
    return parse(text, { record_delimiter: ['\r\n', '\n'], relax_column_count: true, skip_empty_lines: true })
  } catch {
    // Every failure of the parser is about the text; which one does not matter, the row is given out as it stands.
    return undefined
  }
}

/** Formulas are put in quotes only where the text cannot be read as it is: a quoted cell may hold `,="",` of its own. */
function parseRecords(text: string): string[][] | undefined {
  const records = parseStrictly(text)
  if (records !== undefined || !text.includes('="')) return records
  return parseStrictly(text.replace(BARE_FORMULA, '$1"=""$2"""'))
}

function oddQuotes(line: string): boolean {
  let odd = false
  for (let at = line.indexOf('"'); at !== -1; at = line.indexOf('"', at + 1)) odd = !odd
  return odd
}

/** @returns the line behind the record that starts at `from`: its quotes are paired; undefined while they are not. */
function recordEnd(lines: readonly string[], from: number): number | undefined {
  let open = false
  const last = Math.min(lines.length, from + MAX_RECORD_LINES)
  for (let i = from; i < last; i++) {
    if (oddQuotes(lines[i] ?? '')) open = !open
    if (!open) return i + 1
  }
  return undefined
}

type Cut = { rows: Row[]; used: number }

/** Where nothing is broken: all whole records of the lines at once. */
function cutWhole(lines: readonly string[], firstLine: number, width: number): Cut | undefined {
  const starts: number[] = []
  let used = 0
  while (used < lines.length) {
    const end = recordEnd(lines, used)
    if (end === undefined) break
    if (end - used > 1 || lines[used]?.trim() !== '') starts.push(used)
    used = end
  }
  if (lines.length - used >= MAX_RECORD_LINES) return undefined
  const text = lines.slice(0, used).join('')
  const records = parseRecords(text)
  if (text.includes(DAMAGED) || records?.length !== starts.length) return undefined
  if (records.some((cells) => cells.length !== width)) return undefined
  return { rows: records.map((cells, i) => ({ line: firstLine + (starts[i] ?? 0), cells })), used }
}

/**
 * Where something is broken: record by record. One that cannot be read, or has not as many cells as the header, gives up
 * its first line alone, and reading goes on at the next: an unclosed quote costs its own line and no other.
 */
function cutCarefully(lines: readonly string[], firstLine: number, width: number, atEnd: boolean): Cut {
  const rows: Row[] = []
  let used = 0
  while (used < lines.length) {
    const line = firstLine + used
    const end = recordEnd(lines, used)
    if (end === undefined && !atEnd && lines.length - used < MAX_RECORD_LINES) break
    const text = end === undefined ? '' : lines.slice(used, end).join('')
    const records = text === '' ? undefined : parseRecords(text)
    const cells = records?.[0]
    if (records?.length === 0) {
      used += 1
    } else if (end !== undefined && cells?.length === width) {
      rows.push({ line, cells, ...(text.includes(DAMAGED) ? { defect: 'encoding_invalid' } : {}) })
      used = end
    } else {
      rows.push({ line, cells: [(lines[used] ?? '').replace(/\r?\n$/, '')], defect: 'row_malformed' })
      used += 1
    }
  }
  return { rows, used }
}

/** Physical lines with their line breaks; those of one piece of text at once, at the end `atEnd`. */
async function* readLines(text: AsyncIterable<string>): AsyncGenerator<{ lines: string[]; atEnd: boolean }> {
  let rest = ''
  for await (const piece of text) {
    const parts = (rest + piece).split('\n')
    rest = parts.pop() ?? ''
    if (rest.length > MAX_LINE_CHARS) {
      throw new VaultError('invalid_request', `A line is longer than ${MAX_LINE_CHARS} characters.`)
    }
    if (parts.length > 0) yield { lines: parts.map((part) => `${part}\n`), atEnd: false }
  }
  yield { lines: rest === '' ? [] : [rest], atEnd: true }
}

/**
 * The rows of a CSV file (RFC 4180, LF or CR LF) with the number of the line they start at, the header first. What is
 * held at a time does not depend on the file's length.
 */
export async function* readRows(text: AsyncIterable<string>): AsyncGenerator<Row[]> {
  let waiting: string[] = []
  let line = 1
  let width: number | undefined
  for await (const { lines, atEnd } of readLines(text)) {
    waiting = waiting.length === 0 ? lines : waiting.concat(lines)
    width ??= parseRecords(waiting.slice(0, recordEnd(waiting, 0)).join(''))?.[0]?.length
    if (width === undefined) throw new VaultError('invalid_request', 'The first line is no CSV header.')
    const cut =
      (atEnd ? undefined : cutWhole(waiting, line, width)) ?? cutCarefully(waiting, line, width, atEnd)
    if (cut.rows.length > 0) yield cut.rows
    waiting = waiting.slice(cut.used)
    line += cut.used
  }
}
