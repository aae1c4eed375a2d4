import { expect, test } from 'vitest'
import { short } from './p03-log-faults.proof.ts'

test('nothing of a person is shown while the log cannot be written, and a failed sync ends the process', async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
})
