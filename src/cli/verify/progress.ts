import { WriteStream } from 'node:tty'
import { Presets, SingleBar } from 'cli-progress'
import { SECOND_MS } from '../../core/time.ts'
import type { Output } from '../command.ts'

const LINE_EVERY_MS = 5 * SECOND_MS
/** Drawing more often than this costs more than it shows. */
const DRAW_EVERY_MS = 100

export type Progress = { at(leaves: number, size: number): void; stop(): void }

/** A bar on a terminal, elsewhere a line every few seconds. `stop` before anything else is written. */
export function showProgress(output: Output, unit = 'entries'): Progress {
  return output instanceof WriteStream ? bar(output, unit) : lines(output, unit)
}

/** Draws nothing until there is something to say, and a log that is checked at once never has a bar. */
function bar(stream: WriteStream, unit: string): Progress {
  const format = `{bar} {percentage} % | {value} of {total} ${unit} | {eta_formatted} left`
  const drawn = new SingleBar({ stream, format, hideCursor: true }, Presets.shades_classic)
  let drawnMs = performance.now()
  let started = false
  return {
    at(leaves, size) {
      if (performance.now() - drawnMs < DRAW_EVERY_MS) return
      drawnMs = performance.now()
      if (started) drawn.update(leaves)
      else drawn.start(size, leaves)
      started = true
    },
    stop: () => drawn.stop(),
  }
}

function lines(output: Output, unit: string): Progress {
  let saidMs = performance.now()
  return {
    at(leaves, size) {
      if (performance.now() - saidMs < LINE_EVERY_MS) return
      saidMs = performance.now()
      output.write(`${Math.floor((100 * leaves) / size)} %, ${leaves} of ${size} ${unit}\n`)
    },
    stop: () => undefined,
  }
}
