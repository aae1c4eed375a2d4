import { expect, test } from 'vitest'
import { short } from './p14-once.postgres.proof.ts'

/** A real service, or thousands of calls, beside all the other tests. */
const TIMEOUT_MS = 180_000

test(
  'on two nodes on PostgreSQL a request with an Idempotency-Key has one effect, whichever dies meanwhile',
  async () => {
    const report = await short()
    expect(report.failures).toEqual([])
    expect(report.control.found).toBeGreaterThan(0)
  },
  TIMEOUT_MS,
)
