import type { Content, Style, TextNode } from 'pdfmake'
import { unreachable } from '../../../core/errors.ts'
import { FACTS_WIDTHS } from '../../../vault/incidents/report/blocks.ts'
import type { Block, Cell } from '../../../vault/incidents/report/blocks.ts'
import { runsOf } from './runs.ts'
import type { Used } from './runs.ts'

const POINTS_A_MM = 72 / 25.4
export const MARGIN = 18 * POINTS_A_MM
/** A4, between the margins. */
const LINE = 210 * POINTS_A_MM - 2 * MARGIN
const TWELFTH = LINE / 12
const CELL_PADDING = 8
/** So that smaller type stands on the line of what is beside it. */
const CODE_DROP = 1.4

export const GREY = '#555555'
const RULE = '#cccccc'
const OPEN_FILL = '#fff3c4'

/** As much as surely fits on one page. */
export const SHORT = 1_500
/** What a line end or a row counts, in characters. */
const LINE_WEIGHT = 70

/** How much room it takes, about, and never less. */
export function weightOf(block: Block): number {
  switch (block.kind) {
    case 'text':
    case 'code':
      return weigh(block.text)
    case 'facts':
      return block.rows.reduce((sum, [, { text }]) => sum + LINE_WEIGHT + weigh(text), 0)
    case 'table':
      return block.rows.flat().reduce((sum, { text }) => sum + LINE_WEIGHT / 2 + weigh(text), 0)
    default:
      return unreachable(block)
  }
}

function weigh(text: string): number {
  return text.length + (text.split('\n').length - 1) * LINE_WEIGHT
}

export function written(value: string, used: Used, style: Style = {}): TextNode {
  return { ...style, text: runsOf(value, used).map(({ text, slice }) => ({ text, font: slice.name })) }
}

export function blockContent(block: Block, used: Used): Content {
  switch (block.kind) {
    case 'text':
      return written(block.text, used, {
        margin: [0, 2, 0, 3],
        ...(block.note && { color: GREY, fontSize: 8.5 }),
      })
    case 'code':
      return boxed(block.text, used)
    case 'facts': {
      const rows = block.rows.map(([label, value]) => [{ text: label }, value])
      return table({ widths: FACTS_WIDTHS, rows, used, boldColumn: true })
    }
    case 'table':
      return table({ widths: block.widths, rows: block.rows, used, columns: block.columns })
    default:
      return unreachable(block)
  }
}

type Grid = {
  widths: readonly number[]
  rows: readonly (readonly Cell[])[]
  used: Used
  columns?: readonly string[]
  boldColumn?: true
}

function table({ widths, rows, used, columns, boldColumn }: Grid): Content {
  const headings = columns ? [columns.map((column) => written(column, used, { bold: true }))] : []
  const body = rows.map((row) =>
    row.map((cell, at) => cellContent(cell, used, boldColumn && at === 0 ? { bold: true } : {})),
  )
  // What is kept whole and longer than a page would be cut off: such rows break.
  const isShort = rows.flat().every(({ text }) => weigh(text) < SHORT)
  return {
    margin: [0, 2, 0, 4],
    table: {
      headerRows: headings.length,
      keepWithHeaderRows: isShort ? headings.length : 0,
      dontBreakRows: isShort,
      widths: widths.map((twelfths) => twelfths * TWELFTH - CELL_PADDING),
      body: [...headings, ...body],
    },
    layout: {
      hLineWidth: (line, { table: { body: all } }) => (line === 0 || line > all.length ? 0 : 0.5),
      vLineWidth: () => 0,
      hLineColor: () => RULE,
      paddingLeft: () => 0,
      paddingRight: () => CELL_PADDING,
      paddingTop: () => 2,
      paddingBottom: () => 2,
    },
  }
}

function cellContent({ text, open, code }: Cell, used: Used, style: Style): Content {
  // Hashes and keys have no other place to break at.
  const own: Style = code ? { fontSize: 8, wordBreak: 'break-all', margin: [0, CODE_DROP, 0, 0] } : {}
  return { ...written(text, used, { ...style, ...own }), ...(open && { fillColor: OPEN_FILL }) }
}

function boxed(text: string, used: Used): Content {
  const content = written(text, used, { fontSize: 8, wordBreak: 'break-all' })
  return {
    margin: [0, 2, 0, 4],
    table: { widths: ['*'], dontBreakRows: weigh(text) < SHORT, body: [[content]] },
    layout: { hLineColor: () => RULE, vLineColor: () => RULE, hLineWidth: () => 0.5, vLineWidth: () => 0.5 },
  }
}
