import { expect, test } from 'vitest'
import { JURISDICTIONS } from '../../src/vault/incidents/law/index.ts'
import { short } from './p16-clocks.proof.ts'
import { goldenCases } from './p16-golden.ts'

test('clocks of the law end where the rows written by hand and a second calculator say', async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
})

test('there are 200 rows and more, and every rule with an end or a number of persons is in them', () => {
  const rows = goldenCases()
  expect(rows.length).toBeGreaterThanOrEqual(200)
  const tried = new Set(rows.map(({ rule }) => rule.id))
  const bounded = JURISDICTIONS.flatMap(({ rules }) => rules).filter(
    ({ limit, threshold, status }) =>
      status !== 'proposed' && (limit.unit !== 'none' || threshold?.any.some(({ count }) => count)),
  )
  expect(bounded.map(({ id }) => id).filter((id) => !tried.has(id))).toEqual([])
})
