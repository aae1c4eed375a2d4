import { expect, test } from 'vitest'
import { short } from './p20-restore.proof.ts'

test('a backup made under load is restored whole, without what was erased or revoked after it', async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
}, 180_000)
