import type { Instant } from '../../../core/time.ts'
import { cleanText } from '../notices/templates/clean.ts'

/** `open` marks what is missing, `code` what is for machines. Text is text: whoever shows it escapes it. */
export type Cell = { text: string; open?: true; code?: true }
export type Block =
  | { kind: 'text'; text: string; note?: true }
  | { kind: 'facts'; rows: readonly (readonly [label: string, value: Cell])[] }
  | Table
  | { kind: 'code'; text: string }
/** `widths` in twelfths of the line, whole or half ones. */
export type Table = {
  kind: 'table'
  columns: readonly string[]
  widths: readonly number[]
  rows: readonly (readonly Cell[])[]
}
/** Of a list of facts, as of a table. */
export const FACTS_WIDTHS = [3.5, 8.5] as const

export type Section = { heading: string; blocks: readonly Block[] }

/**
 * What HTML and PDF both show: one list, so that they cannot differ in what they say. English; a form’s own words stand beside it. Its
 * text is cleaned of unseen characters.
 */
export type ReportDocument = {
  title: string
  subtitle: string
  madeAt: Instant
  sections: readonly Section[]
}

export function cell(text: string): Cell {
  return { text: cleanText(text) }
}

export function code(text: string): Cell {
  return { text: cleanText(text), code: true }
}

/** What is not known stands there as that. */
export function orOpen(text: string | null): Cell {
  return text === null || text === '' ? { text: 'open', open: true } : cell(text)
}
