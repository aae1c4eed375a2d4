import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { openHarness } from '../http/harness.ts'
import { openWorld, PERSON } from '../http/world.ts'
import { appOver, routesOf, rulesOf, short } from './p11-access.proof.ts'
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

test("a shop's search opens nobody else's person: not even the time it takes tells that there is one", async () => {
  const world = await openWorld()
  try {
    const { subject } = await world.addCustomer('u-1')
    const opened: string[] = []
    const app = appOver(world, {
      ...world.store,
      async findPersons(tenant, ids) {
        opened.push(...ids)
        return world.store.findPersons(tenant, ids)
      },
    })
    const search = async (credential: string): Promise<unknown> => {
      const headers = { authorization: `Bearer ${credential}`, 'content-type': 'application/json' }
      const body = JSON.stringify({ purpose: 'order', phone: PERSON.phone })
      const answer = await app.request('/v1/search', { method: 'POST', headers, body })
      const { items } = (await answer.json()) as { items: unknown[] }
      return { found: items.length, opened: opened.splice(0) }
    }
    expect(await search(world.otherShop.credential)).toEqual({ found: 0, opened: [] })
    expect(await search(world.shop.credential)).toEqual({ found: 1, opened: [subject] })
  } finally {
    await world.close()
  }
})
