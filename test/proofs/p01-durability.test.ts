import { expect, test } from 'vitest'
import { short } from './p01-durability.proof.ts'

test('what was acknowledged is on disk first, is there after a power failure, and stands once after a kill', async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
})
