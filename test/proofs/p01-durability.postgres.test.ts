import { expect, test } from 'vitest'
import { short } from './p01-durability.postgres.proof.ts'

test('on PostgreSQL what is acknowledged is in its log on disk first, and stands once after a kill of the database', async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
})
