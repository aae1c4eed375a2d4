import { expect, test } from 'vitest'
import { short } from './p23-watch.proof.ts'

const TIMEOUT_MS = 240_000

test(
  'a month with ten kinds of attacks in it: all are found, a thief within fifty looks, and little else is',
  async () => {
    const report = await short()
    expect(report.failures).toEqual([])
    expect(report.control.found).toBeGreaterThan(0)
  },
  TIMEOUT_MS,
)
