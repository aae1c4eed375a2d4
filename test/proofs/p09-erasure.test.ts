import { expect, test } from 'vitest'
import { short } from './p09-erasure.proof.ts'

test('erasing a person leaves nothing in any file or memory that opens, and the others as they were', async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
})
