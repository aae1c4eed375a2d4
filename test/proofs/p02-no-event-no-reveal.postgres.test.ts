import { expect, test } from 'vitest'
import { short } from './p02-no-event-no-reveal.postgres.proof.ts'

test('on PostgreSQL whatever was shown of a person has its event in the log, through kills and faults of the database', async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
})
