import { expect, test } from 'vitest'
import { short } from './p06-own-history.proof.ts'

/** A whole service and a second process, beside all the other tests. */
const TIMEOUT_MS = 180_000

test(
  'each row of a person’s history is proved offline and in a browser, and a row that was left out is found',
  async () => {
    const report = await short()
    expect(report.failures).toEqual([])
    expect(report.control.found).toBeGreaterThan(0)
  },
  TIMEOUT_MS,
)
