import { expect, test } from 'vitest'
import { short } from './p13-fuzz.proof.ts'

test('bad input never hurts', async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
})
