import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACCESS } from '../../src/http/access.ts'
import type { Audience, CallerKind, RouteName } from '../../src/http/access.ts'
import { expectProblem, sansRequestId } from './expectations.ts'
import { PERSON, openWorld } from './world.ts'
import type { World } from './world.ts'

let world: World
let callers: Record<CallerKind, string>
beforeAll(async () => {
  world = await openWorld()
  const { subject } = await world.addCustomer('u-1')
  callers = {
    platform: world.platform,
    merchant: world.shop.credential,
    courier: world.courier.credential,
    person: await world.signIn(subject),
  }
})
afterAll(() => world.close())

const ROUTES = Object.entries(ACCESS) as [RouteName, readonly Audience[]][]
const PROTECTED = ROUTES.filter(([, audience]) => !audience.includes('anyone'))

function send(name: RouteName, credential: string | undefined) {
  const [method, path] = name.split(' ') as [string, string]
  const body = method === 'POST' || method === 'PATCH' ? { unknown: 1 } : undefined
  return world.call(credential, path.replace('{id}', 'x'), { method, body })
}

describe('the access table', () => {
  test.each(PROTECTED)('%s lets in exactly those it names', async (name, audience) => {
    expectProblem(await send(name, undefined), 'unauthenticated')
    for (const kind of Object.keys(callers) as CallerKind[]) {
      // Signing out would end the session that the next routes are tried with.
      if (name === 'DELETE /v1/me/session' && kind === 'person') continue
      const answer = await send(name, callers[kind])
      if (audience.includes(kind)) expect([200, 400, 404], `${name} as ${kind}`).toContain(answer.status)
      else expectProblem(answer, 'forbidden')
    }
  })

  test('only what is named `anyone` is open, and none of that is under /v1', () => {
    const open = ROUTES.filter(([, audience]) => audience.includes('anyone')).map(([name]) => name)
    expect(open.filter((name) => name.includes('/v1'))).toEqual([])
    expect(PROTECTED.map(([name]) => name.split(' ')[1]).filter((path) => !path?.startsWith('/v1/'))).toEqual(
      [],
    )
  })
})

describe('another tenant', () => {
  test('finds nothing: what is ours answers like what does not exist, byte for byte', async () => {
    const stranger = await world.addTenant('strangers')
    const { subject, tokens } = await world.addCustomer('u-2')
    const shipment = await world.ship(tokens, 'SO-2')
    const event = (await world.ok(world.platform, `/v1/events?subject=${subject}`)).body.items[0].id
    const nobodys = (id: string) => id.replace(/_.*/, '_00000000000000000000000000')
    const calls: [string, string, object?][] = [
      ['GET', `/v1/parties/${world.shop.id}`],
      ['POST', `/v1/parties/${world.shop.id}/status`, { status: 'suspended', reason: 'r' }],
      ['POST', `/v1/parties/${world.shop.id}/credentials`, { label: 'l' }],
      ['PATCH', `/v1/subjects/${subject}`, { person: { name: 'X Y' } }],
      ['DELETE', `/v1/subjects/${subject}`],
      ['POST', `/v1/subjects/${subject}/sessions`],
      ['GET', `/v1/grants?subject=${subject}`],
      ['POST', `/v1/grants/${shipment.grant}/revoke`, { reason: 'r' }],
      ['GET', `/v1/shipments/${shipment.id}`],
      ['POST', `/v1/shipments/${shipment.id}/stage`, { stage: 'picked_up' }],
      ['GET', `/v1/events/${event}`],
      ['GET', `/v1/events/${event}/leaf`],
    ]
    for (const [method, path, body] of calls) {
      const ours = await world.call(stranger, path, { method, body })
      const none = await world.call(stranger, path.replace(/[a-z]+_[0-9a-z]{26}/, nobodys), { method, body })
      expectProblem(ours, 'not_found')
      expect(sansRequestId(ours), path).toEqual(sansRequestId(none))
    }
    expect((await world.ok(stranger, '/v1/parties')).body.items).toEqual([])
    expect((await world.ok(stranger, `/v1/events?subject=${subject}`)).body.items).toEqual([])
    const found = await world.ok(stranger, '/v1/search', { purpose: 'order', phone: PERSON.phone })
    expect(found.body).toEqual({ items: [] })
  })

  test('cannot use our tokens and waybills, nor pass our credential off as its own', async () => {
    const stranger = await world.addTenant('outsiders')
    const theirs = await world.addParty('courier', 'Outside', stranger)
    const shop = await world.addParty('merchant', 'Outside', stranger)
    const { tokens } = await world.addCustomer('u-3')
    const { waybill } = await world.ship(tokens, 'SO-3')
    const body = { purpose: 'delivery', operator: { id: 'e' }, items: [{ key: 'a', waybill }] }
    const answer = await world.ok(theirs.credential, '/v1/reveal', body)
    expect(answer.body.items[0]).toMatchObject({ status: 'denied', code: 'token_unknown' })
    const items = [{ key: 'a', token: tokens.name }]
    expect((await world.ok(shop.credential, '/v1/validate', { items })).body.items).toEqual([
      { key: 'a', status: 'unknown' },
    ])
    const renamed = world.platform.replace('ck_default_', 'ck_outsiders_')
    expectProblem(await world.call(renamed, '/v1/parties'), 'unauthenticated')
  })
})
