import { expect, test } from 'vitest'
import { short } from './p04-tamper.proof.ts'

/** Some hundred attacks, each checked three times, beside all the other tests. */
const TIMEOUT_MS = 180_000

test(
  'whoever changes a log is found by its key and the last witnessed checkpoint',
  async () => {
    const report = await short()
    expect(report.failures).toEqual([])
    expect(report.control.found).toBeGreaterThan(0)
  },
  TIMEOUT_MS,
)
