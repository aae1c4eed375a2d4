import { WriteStream } from 'node:tty'
import { Presets, SingleBar } from 'cli-progress'
import type { Progress } from '../../runtime/node/control.ts'
import type { Output } from '../command.ts'

type Shown = { update(progress: Progress): void; stop(): void }

/** A bar on a terminal; elsewhere a line for each tenth of the way. */
export function showRotation(output: Output): Shown {
  return output instanceof WriteStream ? showBar(output) : printLines(output)
}

function showBar(stream: WriteStream): Shown {
  const format = '{bar} {percentage} % | {value} of {total} rows | {level} of {tenant} | {eta_formatted} left'
  const bar = new SingleBar({ stream, format, hideCursor: true }, Presets.shades_classic)
  let started = false
  return {
    update({ tenant, level, done, total }) {
      if (!started) bar.start(Number(total), 0, { tenant, level })
      started = true
      bar.setTotal(Math.max(Number(total), Number(done)))
      bar.update(Number(done), { tenant, level })
    },
    stop() {
      if (started) bar.stop()
    },
  }
}

function printLines(output: Output): Shown {
  let last = ''
  return {
    update({ tenant, level, done, total }) {
      const tenth = Number(total) > 0 ? Math.floor((10 * Number(done)) / Number(total)) : 10
      const line = `${level} of ${tenant}: ${Math.min(100, 10 * tenth)} %\n`
      if (line !== last) output.write(line)
      last = line
    },
    stop: () => undefined,
  }
}
