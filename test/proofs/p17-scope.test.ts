import { expect, test } from 'vitest'
import { short } from './p17-scope.proof.ts'

const TIMEOUT_MS = 120_000

test(
  'the scope of a leak is exactly whom it touched',
  async () => {
    const report = await short()
    expect(report.failures).toEqual([])
    expect(report.control.found).toBeGreaterThan(0)
  },
  TIMEOUT_MS,
)
