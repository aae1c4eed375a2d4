import { expect, test } from 'vitest'
import { short } from './p12-canaries.proof.ts'

test('personal data is in no log, error, metric, event, temporary file or database byte', async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
})
