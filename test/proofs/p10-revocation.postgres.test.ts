import { expect, test } from 'vitest'
import { short } from './p10-revocation.postgres.proof.ts'

/** A real service, or thousands of calls, beside all the other tests. */
const TIMEOUT_MS = 180_000

test(
  'on PostgreSQL nothing is revealed by one node after a revocation that another has acknowledged',
  async () => {
    const report = await short()
    expect(report.failures).toEqual([])
    expect(report.control.found).toBeGreaterThan(0)
  },
  TIMEOUT_MS,
)
