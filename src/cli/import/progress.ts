import { WriteStream } from 'node:tty'
import { Presets, SingleBar } from 'cli-progress'
import { SECOND_MS } from '../../core/time.ts'
import type { Output } from '../command.ts'

const LINE_EVERY_MS = 5 * SECOND_MS

/** How far an import is, at any moment. */
export type Reading = { readBytes: number; totalBytes: number; orders: number; elapsedMs: number }

function ratePerS({ orders, elapsedMs }: Reading): number {
  return elapsedMs > 0 ? Math.round((orders * SECOND_MS) / elapsedMs) : 0
}

export function progressLine(reading: Reading): string {
  const { readBytes, totalBytes, orders, elapsedMs } = reading
  const share = totalBytes > 0 ? readBytes / totalBytes : 1
  const leftS = share > 0 ? Math.round((elapsedMs / SECOND_MS) * (1 / share - 1)) : undefined
  const left = leftS === undefined ? '' : `, about ${leftS} s left`
  return `${Math.floor(share * 100)} % read, ${orders} orders, ${ratePerS(reading)}/s${left}\n`
}

function showBar(output: WriteStream, read: () => Reading): () => void {
  const bar = new SingleBar(
    {
      stream: output,
      format: '{bar} {percentage} % | {orders} orders | {rate}/s | {eta_formatted} left',
      hideCursor: true,
    },
    Presets.shades_classic,
  )
  const placeholders = () => ({ orders: read().orders, rate: ratePerS(read()) })
  bar.start(read().totalBytes, 0, placeholders())
  const timer = setInterval(() => bar.update(read().readBytes, placeholders()), 200)
  return () => {
    clearInterval(timer)
    bar.update(read().readBytes, placeholders())
    bar.stop()
  }
}

function printLines(output: Output, read: () => Reading): () => void {
  const timer = setInterval(() => output.write(progressLine(read())), LINE_EVERY_MS)
  return () => clearInterval(timer)
}

/**
 * A bar on a terminal, elsewhere a line every few seconds.
 * @returns what ends it.
 */
export function showProgress(output: Output, read: () => Reading): () => void {
  return output instanceof WriteStream ? showBar(output, read) : printLines(output, read)
}
