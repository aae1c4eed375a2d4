import { expect, test } from 'vitest'
import { progressLine } from '../../../src/cli/import/progress.ts'

test('away from a terminal a line says share, count, rate and remaining time', () => {
  const line = progressLine({ readBytes: 250, totalBytes: 1000, orders: 5000, elapsedMs: 10_000 })
  expect(line).toBe('25 % read, 5000 orders, 500/s, about 30 s left\n')
})

test('before anything is read no time is promised', () => {
  const line = progressLine({ readBytes: 0, totalBytes: 1000, orders: 0, elapsedMs: 0 })
  expect(line).toBe('0 % read, 0 orders, 0/s\n')
})
