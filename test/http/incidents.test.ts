import { expect, onTestFinished, test } from 'vitest'
import { goOnContaining } from '../../src/vault/incidents/contain-steps.ts'
import { expectProblem } from './expectations.ts'
import { openWorld } from './world.ts'
import type { Customer, Party, World } from './world.ts'

const DAY_MS = 86_400_000

async function opened(): Promise<World> {
  const world = await openWorld()
  onTestFinished(() => world.close())
  return world
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

async function look(world: World, shop: Party, { tokens }: Customer, operator = 'emp-1') {
  const items = [{ key: 'a', token: tokens.phone, order_ref: 'SO-1' }]
  const body = { purpose: 'customer_service', operator: { id: operator, device: 'pc-1' }, items }
  return (await world.call(shop.credential, '/v1/reveal', { body })).body.items[0]
}

async function giveGrant(world: World, { subject }: Customer, party: string): Promise<void> {
  await world.ok(world.platform, '/v1/grants', {
    subject,
    party,
    purpose: 'customer_service',
    fields: { phone: 'full' },
    basis: 'contract',
    until: iso(world.now() + 30 * DAY_MS),
  })
}

async function open(world: World, more: object): Promise<string> {
  const body = { title: 'Somebody rang', kind: 'insider', aware_at: iso(world.now()), ...more }
  return (await world.ok(world.platform, '/v1/incidents', body)).body.id
}

/** A shop whose two customers were each looked at once, and another shop's that nobody suspects. */
async function leaked() {
  const world = await opened()
  const customers = [await world.addCustomer('u-1'), await world.addCustomer('u-2')]
  const other = await world.addCustomer('u-3', undefined, world.otherShop)
  for (const customer of customers) await giveGrant(world, customer, world.shop.id)
  await giveGrant(world, other, world.otherShop.id)
  for (const customer of customers) {
    expect(await look(world, world.shop, customer)).toMatchObject({ status: 'ok' })
  }
  expect(await look(world, world.otherShop, other)).toMatchObject({ status: 'ok' })
  return { world, customers, other }
}

test('an incident goes through its life, each step with its event in the log', async () => {
  const world = await opened()
  const { platform } = world
  const id = await open(world, { kind: 'lost_handheld' })
  const path = `/v1/incidents/${id}`
  const nobody = { facts: { persons: {} } }
  await world.ok(platform, `${path}/assess`, {
    severity: 'high',
    reason: '138 1234 5678 was on it',
    ...nobody,
  })
  expectProblem(await world.call(platform, `${path}/reopen`, { body: { reason: 'again' } }), 'state_conflict')
  expectProblem(await world.call(platform, `${path}/close`, { method: 'POST' }), 'state_conflict')
  await world.ok(platform, `${path}/close`, { reason: 'found again' })
  expectProblem(await world.call(platform, `${path}/assess`, { body: { severity: 'low' } }), 'state_conflict')
  await world.ok(platform, `${path}/reopen`, { reason: 'opened by somebody after all' })
  const { body } = await world.ok(platform, path)
  expect(body).toMatchObject({ state: 'reopened', title: 'Somebody rang', severity: 'high' })
  expect(body.timeline.map(({ step }: { step: string }) => step)).toEqual([
    'opened',
    'assessed',
    'closed',
    'reopened',
  ])
  expect(body.timeline[1].reason).toBe('138 1234 5678 was on it')
  for (const { step, event } of body.timeline) {
    const { text, body: leaf } = await world.ok(platform, `/v1/events/${event}`)
    expect(leaf).toMatchObject({ type: `incident.${step}`, incident: id })
    expect(text).not.toContain('138 1234 5678')
  }
  expect((await world.ok(platform, '/v1/incidents')).body.items).toEqual([body])
})

test.each([
  ['a window the wrong way', { occurred_from: iso(1), occurred_to: iso(0) }, '/occurred_to', 'too_early'],
  ['aware before it occurred', { occurred_from: '2026-11-23T13:00:00Z' }, '/aware_at', 'before_it_occurred'],
  ['aware of what is to come', { aware_at: '2026-11-24T12:00:00Z' }, '/aware_at', 'in_the_future'],
  [
    'an operator whom nobody has',
    { suspects: { operators: ['nobody'] } },
    '/suspects/operators/0',
    'unknown',
  ],
  ['a key version that never was', { suspects: { key_versions: [{ kind: 'wrap', version: 9 }] } }, '/suspects/key_versions/0', 'unknown'], // prettier-ignore
])('%s is refused by name', async (_, more, pointer, code) => {
  const world = await opened()
  const body = { title: 'x', kind: 'insider', aware_at: iso(world.now()), ...more }
  const answer = await world.call(world.platform, '/v1/incidents', { body })
  expectProblem(answer, 'invalid_request', [{ pointer, code }])
})

test('without suspects a scope needs a whole window, and then is about everybody who looked', async () => {
  const { world } = await leaked()
  const id = await open(world, {})
  const scope = `/v1/incidents/${id}/scope`
  expectProblem(await world.call(world.platform, scope), 'state_conflict')
  const window = { occurred_from: iso(world.now() - 1), occurred_to: iso(world.now()) }
  await world.ok(world.platform, `/v1/incidents/${id}/assess`, { severity: 'low', ...window })
  expect((await world.ok(world.platform, scope)).body).toMatchObject({ events: 3, subjects: 3 })
})

test('a scope says what was shown of whom, to whom, and counts the erased', async () => {
  const { world, customers } = await leaked()
  await world.ok(world.platform, `/v1/subjects/${customers[1]!.subject}`, undefined, 'DELETE')
  const id = await open(world, { suspects: { parties: [world.shop.id] } })
  const { body } = await world.ok(world.platform, `/v1/incidents/${id}/scope`)
  expect(body).toMatchObject({
    events: 2,
    subjects: 2,
    erased: 1,
    canaries: 0,
    by_jurisdiction: { CN: 1, unknown: 1 },
    by_language: { 'zh-Hans': 1, unknown: 1 },
    by_field: { phone: { full: { events: 2, subjects: 2 } } },
    by_view: { full: 2 },
    by_party: { [world.shop.id]: 2 },
    by_operator: [{ name: 'emp-1', events: 2 }],
    by_device: [{ name: 'pc-1', events: 2 }],
    copied: null,
  })
  const subjects = await world.ok(world.platform, `/v1/incidents/${id}/scope/subjects?limit=1`)
  expect(subjects.body.items).toMatchObject([
    { subject: customers[0]!.subject, events: 1, fields: { phone: 'full' }, parties: [world.shop.id] },
  ])
  const cursor = subjects.body.next_cursor
  const rest = await world.ok(world.platform, `/v1/incidents/${id}/scope/subjects?cursor=${cursor}`)
  expect(rest.body).toMatchObject({
    items: [{ subject: customers[1]!.subject, erased: true, jurisdiction: null }],
    next_cursor: null,
  })
})

test('whom an incident holds is denied on the next request, and others are not; release lets go again', async () => {
  const { world, customers, other } = await leaked()
  const [customer] = customers
  const id = await open(world, { suspects: { operators: [{ party: world.shop.id, id: 'emp-1' }] } })
  const path = `/v1/incidents/${id}`
  await world.ok(world.platform, `${path}/contain`, { actions: ['retire_tokens'] })
  // The other customer's tokens went with the first one's; a fresh person shows the hold by itself.
  const fresh = await world.addCustomer('u-9')
  await giveGrant(world, fresh, world.shop.id)
  expect(await look(world, world.shop, fresh)).toMatchObject({ status: 'denied', code: 'contained' })
  expect(await look(world, world.shop, fresh, 'emp-2')).toMatchObject({ status: 'ok' })
  expect(await look(world, world.shop, customer!, 'emp-2')).toMatchObject({ code: 'token_retired' })
  expect(await look(world, world.otherShop, other)).toMatchObject({ status: 'ok' })
  await world.ok(world.platform, `${path}/release`, { reason: 'it was somebody else' })
  expect(await look(world, world.shop, fresh)).toMatchObject({ status: 'ok' })
})

test('each action does what it says, once, and says so; a party is reinstated, the rest stays ended', async () => {
  const { world, customers } = await leaked()
  const issued = await world.ok(world.platform, `/v1/parties/${world.shop.id}/credentials`, { label: 'b' })
  const suspects = { parties: [world.shop.id], credentials: [issued.body.id] }
  const id = await open(world, { kind: 'credential_leak', suspects })
  const path = `/v1/incidents/${id}`
  const actions = ['revoke_credentials', 'suspend_parties', 'revoke_grants', 'retire_tokens']
  const first = (await world.ok(world.platform, `${path}/contain`, { actions })).body
  expect(first).toEqual({
    state: 'contained',
    items: [
      { action: 'revoke_credentials', state: 'done', counts: { credentials: 1 } },
      { action: 'suspend_parties', state: 'done', counts: { parties: 1 } },
      { action: 'revoke_grants', state: 'done', counts: { persons: 2, grants: 4 } },
      { action: 'retire_tokens', state: 'done', counts: { persons: 2, tokens: 8 } },
    ],
  })
  expectProblem(await world.call(issued.body.secret, '/v1/events'), 'unauthenticated')
  expectProblem(await world.call(world.shop.credential, '/v1/events'), 'party_not_active')
  const again = (await world.ok(world.platform, `${path}/contain`, { actions })).body
  expect(again.items.map(({ counts }: { counts: object }) => counts)).toMatchObject([
    { credentials: 1 },
    { parties: 1 },
    { grants: 4 },
    { tokens: 8 },
  ])
  const undone = await world.ok(world.platform, `${path}/release`, { reason: 'over' })
  expect(undone.body).toEqual({ parties_reinstated: 1 })
  expect(await look(world, world.shop, customers[0]!)).toMatchObject({ code: 'grant_revoked' })
  expectProblem(await world.call(issued.body.secret, '/v1/events'), 'unauthenticated')
  const { items } = (await world.ok(world.platform, `/v1/events?party=${world.shop.id}&limit=100`)).body
  const named = items.filter((event: { incident?: string }) => event.incident === id)
  expect(Map.groupBy(named, ({ type }: { type: string }) => type)).toMatchObject(
    new Map(
      Object.entries({
        'credential.revoked': [{}],
        'party.status_changed': [{ code: 'suspended' }, { code: 'active' }],
        'grant.revoked': [{}, {}, {}, {}],
        'tokens.retired': [{}, {}],
      }),
    ),
  )
})

test('keys are rotated by the job, to versions made after the incident was contained', async () => {
  const world = await opened()
  await world.addCustomer('u-1')
  const suspects = { key_versions: [{ kind: 'wrap', version: 1 }] }
  const id = await open(world, { kind: 'key_compromise', suspects })
  const path = `/v1/incidents/${id}`
  const { body } = await world.ok(world.platform, `${path}/contain`, { actions: ['rotate_keys'] })
  expect(body.items).toEqual([{ action: 'rotate_keys', state: 'running', counts: {} }])
  expectProblem(await world.call(world.platform, `${path}/close`, { method: 'POST' }), 'state_conflict')
  await goOnContaining(world.vault)
  expect((await world.ok(world.platform, path)).body).toMatchObject({
    state: 'contained',
    containment: [{ action: 'rotate_keys', state: 'done', counts: { levels: 5 } }],
  })
  const keys = (await world.ok(world.platform, '/v1/keys')).body.items
  expect(keys).toContainEqual(expect.objectContaining({ kind: 'wrap', version: 2, state: 'primary' }))
})

test('a copied store opens to those who have the keys of its time, and to nobody else', async () => {
  const world = await opened()
  await world.addCustomer('u-1')
  const gone = await world.addCustomer('u-2')
  world.pass(1_000)
  const copiedAt = iso(world.now())
  world.pass(1_000)
  await world.ok(world.platform, `/v1/subjects/${gone.subject}`, undefined, 'DELETE')
  await world.addCustomer('u-3')
  const when = { occurred_from: copiedAt, occurred_to: copiedAt }
  const scopeWith = async (suspects: object) => {
    const id = await open(world, { kind: 'copied_store', suspects, ...when })
    const subjects = (await world.ok(world.platform, `/v1/incidents/${id}/scope/subjects`)).body.items
    return {
      listed: subjects.length,
      ...(await world.ok(world.platform, `/v1/incidents/${id}/scope`)).body.copied,
    }
  }
  const sealed = { subjects: 2, opens: 0, opens_erased: 0, listed: 0 }
  const open2 = { subjects: 2, opens: 2, opens_erased: 1, listed: 2 }
  expect(await scopeWith({})).toMatchObject(sealed)
  expect(await scopeWith({ key_versions: [{ kind: 'wrap', version: 1 }] })).toMatchObject(open2)
  expect(await scopeWith({ key_versions: [{ kind: 'root' }] })).toMatchObject(open2)
  // A version that was made after the copy opens nothing of it, though all are under it by now.
  const contained = await open(world, { kind: 'key_compromise' })
  await world.ok(world.platform, `/v1/incidents/${contained}/contain`, { actions: ['rotate_keys'] })
  await goOnContaining(world.vault)
  expect(await scopeWith({ key_versions: [{ kind: 'wrap', version: 2 }] })).toMatchObject(sealed)
  expect(await scopeWith({ key_versions: [{ kind: 'wrap', version: 1 }] })).toMatchObject(open2)
})
