import { SECOND_MS } from '../../core/time.ts'
import type { DrillOrder, Tell } from '../../runtime/node/drill/order.ts'
import type { Played } from '../../runtime/node/drill/play.ts'
import type { Output } from '../command.ts'

export type Transcript = {
  begin(order: DrillOrder): void
  tell: Tell
  end(played: Played, wallS: number): void
  /** All of it, for the file. */
  text(): string
}

const TITLE_WIDTH = 34

/** Prints each step as it ends: its time, what came of it, a table. */
export function openTranscript(output: Output): Transcript {
  let text = ''
  const line = (said: string) => {
    text += `${said}\n`
    output.write(`${said}\n`)
  }
  let steps = 0
  return {
    begin({ kind, on }) {
      const whose = 'persons' in on ? 'made-up persons' : 'a copy of a vault'
      line(`DRILL, nothing has happened: ${kind.replaceAll('_', ' ')}, on ${whose}. Nothing is sent.`)
    },
    tell({ title, ms, says, table }) {
      const number = title.startsWith('Before') ? '  ' : `${++steps}`.padStart(2)
      line(`\n${number}  ${title.padEnd(TITLE_WIDTH)}${seconds(ms).padStart(9)}`)
      for (const one of says) line(`    ${one}`)
      for (const row of laidOut(table ?? [])) line(`      ${row}`)
    },
    end({ ms, persons, withheld, late }, wallS) {
      line(`\nThe drill took ${seconds(ms)} from detection to close, ${wallS.toFixed(1)} s with its set-up.`)
      line(`${persons} persons touched, ${withheld} messages held back, none sent.`)
      line(
        late.length === 0
          ? 'Had it been real, no clock of the law would have been missed.'
          : `Had it been real, ${late.length} clocks of the law would have been missed: the list stands at step 10.`,
      )
    },
    text: () => text,
  }
}

function seconds(ms: number): string {
  return `${(ms / SECOND_MS).toFixed(2)} s`
}

function laidOut(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
