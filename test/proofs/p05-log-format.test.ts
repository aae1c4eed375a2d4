import { expect, test } from 'vitest'
import { short } from './p05-log-format.proof.ts'

test('roots, proofs, tiles and notes are those of RFC 6962, signed-note and tlog-tiles', async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
})
