import { expect, test } from 'vitest'
import { short } from './p08-rotation.proof.ts'

/** A real service, started again after each kill, beside all the other tests. */
const TIMEOUT_MS = 180_000

test(
  'every level of keys is rotated while data is read: no read fails, and a kill at any step loses nothing',
  async () => {
    const report = await short()
    expect(report.failures).toEqual([])
    expect(report.control.found).toBeGreaterThan(0)
  },
  TIMEOUT_MS,
)
