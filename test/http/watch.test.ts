import { expect, onTestFinished, test } from 'vitest'
import { endHolds } from '../../src/vault/watch/service.ts'
import { watchLogs } from '../../src/vault/watch/watch-log.ts'
import { expectProblem } from './expectations.ts'
import { PERSON, TO_THE_DOOR, openWorld } from './world.ts'
import type { World } from './world.ts'

const SETTINGS = {
  actions: { all: { high: ['alert', 'hold'], critical: ['hold'] } },
  hold_s: 3_600,
  max_held_share: 0.25,
  alert_channels: ['webhook'],
  alert_email: null,
  parameters: { refusals: { refusals: 10 } },
}

/** A courier with a parcel at the door, and settings under which whoever guesses is held. */
async function opened(settings: object = SETTINGS) {
  const world = await openWorld()
  onTestFinished(() => world.close())
  await world.ok(world.platform, '/v1/watch/settings', settings, 'PUT')
  const { tokens, subject } = await world.addCustomer('u-1')
  const parcel = await world.ship(tokens, 'SO-1')
  await world.move(parcel.id, ...TO_THE_DOOR)
  return { world, tokens, subject, parcel }
}

function nobodys(i: number): string {
  return `wb_${String(i).padStart(26, '0')}`
}

function reveal(world: World, waybill: string, operator = 'emp-1') {
  const items = [{ key: 'a', waybill }]
  const body = { purpose: 'delivery', operator: { id: operator, device: 'hh-1' }, items }
  return world.call(world.courier.credential, '/v1/reveal', { body })
}

async function guess(world: World, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await reveal(world, nobodys(i))
}

async function settle(world: World): Promise<void> {
  await watchLogs(world.vault)
  world.pass(3_000)
  await watchLogs(world.vault)
}

async function only(world: World, path: string) {
  const { items } = (await world.ok(world.platform, path)).body
  return items
}

test('whoever guesses is found, held with a cause, denied with its code and the way out, and free once a person clears it', async () => {
  const { world, parcel } = await opened()
  expect((await reveal(world, parcel.waybill)).body.items[0].status).toBe('ok')
  await guess(world, 9)
  await settle(world)
  // Negative control: below the limit nobody is held.
  expect(await only(world, '/v1/signals')).toEqual([])
  await guess(world, 3)
  await settle(world)
  const signals = await only(world, '/v1/signals')
  expect(new Set(signals.map(({ detector }: { detector: string }) => detector))).toEqual(
    new Set(['refusals']),
  )
  const signal = signals.find(({ about }: { about: string }) => about.startsWith('key_'))
  expect(signal).toMatchObject({ state: 'open', severity: 'high', count: 2, actions: ['hold'] })
  expect(signal.sentence).toContain('was refused 12 times')
  expect((await world.ok(world.platform, `/v1/events/${signal.evidence[0]}`)).body.type).toBe('reveal.denied')
  const holds = await only(world, '/v1/holds?active=true')
  const hold = holds.find(({ signal: by }: { signal: string }) => by === signal.id)
  expect(hold).toMatchObject({ suspect: signal.about, mode: 'stop', placed_by: null })
  expect(hold.cause).toContain('was refused')

  const [item] = (await reveal(world, parcel.waybill, 'emp-2')).body.items
  expect(item).toMatchObject({
    status: 'denied',
    code: 'risk_denied',
    hold: { id: hold.id, until: hold.until },
  })
  expect(item.detail).toContain(`POST /v1/holds/${hold.id}/clear`)
  await world.ok(world.platform, `/v1/holds/${hold.id}/clear`, {
    reason: 'a new scanner that could not read',
  })
  expect((await reveal(world, parcel.waybill, 'emp-2')).body.items[0].status).toBe('ok')
  expectProblem(
    await world.call(world.platform, `/v1/holds/${hold.id}/clear`, { body: { reason: 'again' } }),
    'state_conflict',
  )
  const { body } = await world.ok(world.platform, '/v1/events?limit=100')
  const types = body.items.map(({ type }: { type: string }) => type)
  expect(types).toEqual(expect.arrayContaining(['signal.raised', 'hold.placed', 'hold.cleared']))
  expect(JSON.stringify(signals)).not.toContain(PERSON.phone)
})

test('a hold ends at its time by itself, and the log says so', async () => {
  const { world, parcel } = await opened()
  const { body } = await world.ok(world.platform, '/v1/parties')
  const until = new Date(world.now() + 60_000).toISOString()
  const suspect = body.items.find(({ name }: { name: string }) => name === 'First Courier').id
  const hold = (await world.ok(world.platform, '/v1/holds', { suspect, until, reason: 'a call' })).body
  expect((await reveal(world, parcel.waybill)).body.items[0].code).toBe('risk_denied')
  world.pass(60_000)
  expect((await reveal(world, parcel.waybill)).body.items[0].status).toBe('ok')
  await endHolds(world.vault)
  const [over] = await only(world, '/v1/holds')
  expect(over).toMatchObject({ id: hold.id, cleared_by: null, reason: 'a call' })
  expect(over.cleared_at).not.toBeNull()
})

test('who is slowed gets through now and then, and is told when', async () => {
  const { world, parcel } = await opened()
  const body = { suspect: world.courier.id, mode: 'slow', reason: 'odd hours' }
  const hold = (await world.ok(world.platform, '/v1/holds', body)).body
  expect((await reveal(world, parcel.waybill)).status).toBe(200)
  const refused = await reveal(world, parcel.waybill)
  expectProblem(refused, 'rate_limited')
  expect(refused.headers.get('retry-after')).toBe('5')
  expect(refused.body.detail).toContain(hold.id)
  world.pass(5_000)
  expect((await reveal(world, parcel.waybill)).status).toBe(200)
})

test('a dismissal lets go, moves the limit for that one by half, and nothing else does', async () => {
  const { world, parcel } = await opened()
  await guess(world, 10)
  await settle(world)
  for (const { id } of await only(world, '/v1/signals')) {
    await world.ok(world.platform, `/v1/signals/${id}/dismiss`, { reason: 'we tested it' })
  }
  expect(await only(world, '/v1/holds?active=true')).toEqual([])
  expect((await reveal(world, parcel.waybill)).body.items[0].status).toBe('ok')
  await guess(world, 4)
  await settle(world)
  expect(await only(world, '/v1/signals?state=open')).toEqual([])
  await guess(world, 6)
  await settle(world)
  expect(await only(world, '/v1/signals?state=open')).not.toEqual([])
})

test('a held shop does not search either, and the refusal is in the log', async () => {
  const { world } = await opened()
  const search = { body: { purpose: 'order', phone: PERSON.phone } }
  const asked = () =>
    world.call(world.shop.credential, '/v1/search', { body: { ...search.body, purpose: 'customer_service' } })
  expect((await asked()).status).toBe(200)
  await world.ok(world.platform, '/v1/holds', { suspect: world.shop.id, reason: 'x' })
  expectProblem(await asked(), 'risk_denied')
  const { body } = await world.ok(world.platform, '/v1/events?limit=100')
  expect(body.items.at(-1)).toMatchObject({ type: 'call.refused', code: 'risk_denied' })
})

test.each([
  ['holds at low severity', { actions: { all: { low: ['hold'] } } }, '/actions/all/low', 'holds_at_low'],
  ['more than a quarter of all parties at once', { max_held_share: 0.5 }, '/max_held_share', 'too_large'],
  ['a detector that there is not', { actions: { nose: {} } }, '/actions/nose', 'unknown'],
  [
    'a limit that everybody crosses',
    { parameters: { pace: { factor: 1 } } },
    '/parameters/pace/factor',
    'out_of_bounds',
  ],
])('settings are refused that have %s', async (_, more, pointer, code) => {
  const { world } = await opened()
  const answer = await world.call(world.platform, '/v1/watch/settings', {
    method: 'PUT',
    body: { ...SETTINGS, ...more },
  })
  expectProblem(answer, 'invalid_request', [{ pointer, code }])
})

test('of many at once the vault holds no more than the share that is set, and says so', async () => {
  const { world } = await opened()
  for (let operator = 0; operator < 4; operator++) {
    for (let i = 0; i < 10; i++) await reveal(world, nobodys(i), `emp-${operator}`)
  }
  await settle(world)
  const signals: { actions: string[] }[] = await only(world, '/v1/signals')
  expect(signals.filter(({ actions }) => actions.includes('hold'))).toHaveLength(1)
  expect(signals.filter(({ actions }) => actions.includes('not_held_limit')).length).toBeGreaterThan(2)
})

test('what was set is shown, the address too, which stands nowhere in the open', async () => {
  const { world } = await opened({ ...SETTINGS, alert_email: 'guard@example.com', alert_channels: ['email'] })
  expect((await world.ok(world.platform, '/v1/watch/settings')).body.alert_email).toBe('guard@example.com')
})
