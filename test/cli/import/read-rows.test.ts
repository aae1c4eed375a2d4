import * as fc from 'fast-check'
import { stringify } from 'csv-stringify/sync'
import { describe, expect, test } from 'vitest'
import { readRows } from '../../../src/cli/import/read-rows.ts'
import type { Row } from '../../../src/cli/import/read-rows.ts'

/** Reads the text in pieces that end at the given places. */
async function rowsOf(text: string, cuts: readonly number[] = []): Promise<Row[]> {
  async function* pieces(): AsyncGenerator<string> {
    const places = [0, ...[...cuts].sort((a, b) => a - b), text.length]
    for (let i = 0; i + 1 < places.length; i++) yield text.slice(places[i], places[i + 1])
  }
  const rows: Row[] = []
  for await (const block of readRows(pieces())) rows.push(...block)
  return rows
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length
}

const cell = fc.string({ unit: fc.constantFrom('a', '王', ' ', ',', '"', '\n', "'", '='), maxLength: 6 })
const table = fc.array(fc.tuple(cell, cell, fc.constant('x')), { minLength: 1, maxLength: 12 })

test('whatever the cells hold and wherever the pieces end, cells come back as written', async () => {
  await fc.assert(
    fc.asyncProperty(
      table,
      fc.array(fc.nat(80)),
      fc.constantFrom('\n', '\r\n'),
      async (cells, cuts, lineBreak) => {
        const text = stringify([['h', 'i', 'j'], ...cells], { record_delimiter: lineBreak, quoted: true })
        const rows = await rowsOf(
          text,
          cuts.filter((cut) => cut < text.length),
        )
        expect(rows.slice(1).map((row) => row.cells)).toEqual(cells)
      },
    ),
  )
})

test('each row knows the line that it starts at', async () => {
  const text = 'h,i\na,"two\nlines"\n\nb,x\r\nc,"three\r\n\r\nlines"\nd,x'
  const rows = await rowsOf(text)
  expect(rows.map((row) => row.line)).toEqual(
    ['h,i', 'a,', 'b,x', 'c,', 'd,x'].map((s) => lineOf(text, text.indexOf(s))),
  )
})

describe('a row whose quotes are wrong costs its own lines and no other', () => {
  const broken = (line: number, text: string) => ({ line, cells: [text], defect: 'row_malformed' })

  test('a quote that is never closed', async () => {
    const rows = await rowsOf('h,i\na,"open\nb,x\nc,"two\nlines"\nd,x\n')
    expect(rows.slice(1)).toEqual([
      broken(2, 'a,"open'),
      { line: 3, cells: ['b', 'x'] },
      { line: 4, cells: ['c', 'two\nlines'] },
      { line: 6, cells: ['d', 'x'] },
    ])
  })

  test('a quote that is never closed, and thousands of rows behind it', async () => {
    const good = Array.from({ length: 5000 }, (_, i) => `r${i},x\n`)
    const rows = await rowsOf(`h,i\na,"open\n${good.join('')}`, [9, 100, 20_000])
    expect(rows[1]).toEqual(broken(2, 'a,"open'))
    expect(rows.slice(2).map((row) => row.cells[0])).toEqual(good.map((line) => line.split(',')[0]))
  })

  test('a quote in the middle of a quoted cell', async () => {
    const rows = await rowsOf('h,i\n"Robert "Bob" Smith",x\nb,x\n')
    expect(rows.slice(1)).toEqual([broken(2, '"Robert "Bob" Smith",x'), { line: 3, cells: ['b', 'x'] }])
  })

  test('too many cells or too few', async () => {
    const rows = await rowsOf('h,i\na,b,c\nd\ne,f\n')
    expect(rows.slice(1)).toEqual([broken(2, 'a,b,c'), broken(3, 'd'), { line: 4, cells: ['e', 'f'] }])
  })

  test('every broken line is given out once, and every good row is read', async () => {
    const line = fc.constantFrom('a,"open', 'b,x', 'c,"q"', 'd,"x"y"', 'e', 'f,"two\nlines"')
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
        const text = `h,i\n${lines.map((one) => `${one}\n`).join('')}`
        const rows = await rowsOf(text)
        const told = rows.slice(1).flatMap((row) => [...row.cells].join(' ').split('\n'))
        expect(told.length).toBe(lines.join('\n') === '' ? 0 : lines.join('\n').split('\n').length)
        for (const good of ['b,x', 'e']) {
          const count = lines.filter((one) => one === good).length
          const found = rows.filter((row) => row.cells.join(',') === good).length
          expect(found).toBe(count)
        }
      }),
    )
  })
})

test('a formula guard without quotes around it is read, not refused', async () => {
  const rows = await rowsOf('h,i\n="0123",x\nb,="7"\nc,=""\n"d,="",x",y\n')
  expect(rows.slice(1).map((row) => row.cells)).toEqual([
    ['="0123"', 'x'],
    ['b', '="7"'],
    ['c', '=""'],
    ['d,=",x', 'y'],
  ])
})

test('a row with bytes that the encoding does not have is told apart', async () => {
  const rows = await rowsOf('h,i\na,x\nb,\ufffd\n')
  expect(rows[2]).toEqual({ line: 3, cells: ['b', '\ufffd'], defect: 'encoding_invalid' })
})
