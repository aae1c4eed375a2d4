import { expect, test } from 'vitest'
import { short } from './p07-place.proof.ts'

test('a ciphertext opens only in its place', async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
})
