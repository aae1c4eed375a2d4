import { expect, test } from 'vitest'
import { openHarness } from '../http/harness.ts'
import { short } from './p13-fuzz.proof.ts'

test('bad input never hurts', async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
})

test.each([
  '2026-02-30T00:00:00Z',
  '2027-02-29T12:00:00Z',
  '2026-11-23T24:00:00Z',
  '9999-12-31T23:59:59-23:59',
  '0000-01-01T00:00:00+23:59',
])('%s is no time: nothing is rolled over, and no year has five digits', async (from) => {
  const harness = await openHarness()
  try {
    const platform = await harness.addTenant('default')
    const { status, body } = await harness.call(platform, `/v1/events?from=${encodeURIComponent(from)}`)
    expect({ status, errors: body.errors }).toEqual({
      status: 400,
      errors: [{ pointer: '/from', code: 'invalid' }],
    })
  } finally {
    await harness.close()
  }
})
