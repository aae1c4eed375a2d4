import { expect, test } from 'vitest'
import { short } from './p10-revocation.proof.ts'

test('nothing is revealed after an acknowledged revocation', async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
})
