import { expect, test } from 'vitest'
import { short } from './p19-notices.proof.ts'

test('notices and webhooks arrive or are accounted for, and none goes to a private address', async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
})
