import { expect, test } from 'vitest'
import { short } from './p18-masks.proof.ts'

test('masks hide six digits, the room and part of the name in every script', async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
})
