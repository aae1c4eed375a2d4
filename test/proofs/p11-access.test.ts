import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { openHarness } from '../http/harness.ts'
import { routesOf, rulesOf, short } from './p11-access.proof.ts'
import { Maker } from './p11-maker.ts'
import { withoutRule } from './p11-matrix.ts'

test("nobody sees another's", async () => {
  const report = await short()
  expect(report.failures).toEqual([])
  expect(report.control.found).toBeGreaterThan(0)
})

test('an endpoint that the proof has no rule for is a failure, documented or not', async () => {
  const harness = await openHarness()
  try {
    const rules = rulesOf(new Maker(harness))
    const document = (await (await harness.app.request('/openapi.json')).json()) as { paths: object }
    const grown = new Hono()
    grown.get('/v1/undocumented', (context) => context.text('everybody'))
    grown.get('/openapi.json', (context) =>
      context.json({ ...document, paths: { ...document.paths, '/v1/documented': { post: {} } } }),
    )
    grown.route('/', harness.app)
    expect(withoutRule(await routesOf(harness.app), rules)).toEqual([])
    expect(withoutRule(await routesOf(grown), rules)).toEqual([
      'GET /v1/undocumented: no rule',
      'POST /v1/documented: no rule',
    ])
  } finally {
    await harness.close()
  }
})
