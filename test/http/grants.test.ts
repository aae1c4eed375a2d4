import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anId, expectProblem, sansRequestId } from './expectations.ts'
import { openWorld } from './world.ts'
import type { Customer, World } from './world.ts'

let world: World
let customer: Customer
beforeAll(async () => {
  world = await openWorld()
  customer = await world.addCustomer('u-1')
})
afterAll(() => world.close())

function give(more: object = {}) {
  const { subject } = customer
  const until = '2026-12-31T00:00:00+08:00'
  const body = {
    subject,
    party: world.shop.id,
    purpose: 'legal',
    fields: { phone: 'full' },
    basis: 'consent',
    until,
    ...more,
  }
  return world.call(world.platform, '/v1/grants', { body })
}

describe('grants', () => {
  test('a grant is answered whole, times in UTC', async () => {
    const { status, body } = await give({ uses_max: 3 })
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        id: anId('grt'),
        subject: customer.subject,
        party: world.shop.id,
        purpose: 'legal',
        fields: { phone: 'full' },
        basis: 'consent',
        origin: 'platform',
        shipment: null,
        from: '2026-11-23T12:00:00.000Z',
        until: '2026-12-30T16:00:00.000Z',
        uses_max: 3,
        uses: 0,
        revoked_at: null,
        created_at: '2026-11-23T12:00:00.000Z',
      },
    })
    const list = await world.ok(world.platform, `/v1/grants?subject=${customer.subject}`)
    expect(list.body.items).toContainEqual(body)
  })

  test('a grant that allows nothing sensible is refused, field by field', async () => {
    expectProblem(await give({ fields: {} }), 'invalid_request', [{ pointer: '/fields', code: 'too_few' }])
    expectProblem(await give({ fields: { phone: 'city' } }), 'invalid_request', [
      { pointer: '/fields/phone', code: 'invalid' },
    ])
    expectProblem(await give({ fields: { shoe: 'full' } }), 'invalid_request', [
      { pointer: '/fields', code: 'unknown_field' },
    ])
    expectProblem(await give({ purpose: 'after_sale', fields: { email: 'full' } }), 'invalid_request', [
      { pointer: '/fields/email', code: 'field_not_for_purpose' },
    ])
    expectProblem(await give({ until: '2026-11-23T12:00:00Z' }), 'invalid_request', [
      { pointer: '/until', code: 'too_early' },
    ])
    expectProblem(await give({ until: '2026-13-40T12:00:00Z' }), 'invalid_request', [
      { pointer: '/until', code: 'invalid' },
    ])
    expectProblem(await give({ uses_max: 0 }), 'invalid_request', [
      { pointer: '/uses_max', code: 'too_small' },
    ])
    expectProblem(await give({ uses_max: 1.5 }), 'invalid_request', [
      { pointer: '/uses_max', code: 'wrong_type' },
    ])
  })

  test('nobody’s person and nobody’s party are not found', async () => {
    expectProblem(await give({ subject: 'sub_00000000000000000000000000' }), 'not_found')
    expectProblem(await give({ party: 'mer_00000000000000000000000000' }), 'not_found')
    expectProblem(
      await world.call(world.platform, '/v1/grants?subject=sub_00000000000000000000000000'),
      'not_found',
    )
    expectProblem(await world.call(world.platform, '/v1/grants'), 'invalid_request', [
      { pointer: '/subject', code: 'required' },
    ])
  })

  test('ending a shop’s standing grant retires its tokens and stops its parcels; the receipt says so', async () => {
    const { subject, tokens } = await world.addCustomer('u-2')
    const shipment = await world.ship(tokens, 'SO-2')
    const { items } = (await world.ok(world.platform, `/v1/grants?subject=${subject}`)).body
    const standing = items.find(({ origin }: { origin: string }) => origin === 'tokenize')
    const path = `/v1/grants/${standing.id}/revoke`
    const { status, body } = await world.call(world.platform, path, { body: { reason: 'asked to' } })
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        revoked_at: '2026-11-23T12:00:00.000Z',
        event: anId('evt'),
        tokens_retired: 4,
        shipments_affected: [shipment.id],
      },
    })
    expectProblem(await world.call(world.platform, path, { body: { reason: 'again' } }), 'state_conflict')
    expectProblem(await world.call(world.platform, path, { body: {} }), 'invalid_request', [
      { pointer: '/reason', code: 'required' },
    ])
  })

  test('a list is cut into pages that hold every grant once', async () => {
    const { subject } = await world.addCustomer('u-3')
    for (let n = 0; n < 4; n++) await give({ subject })
    const all = (await world.ok(world.platform, `/v1/grants?subject=${subject}`)).body
    expect(all.next_cursor).toBeNull()
    expect(all.items).toHaveLength(5)
    const first = (await world.ok(world.platform, `/v1/grants?subject=${subject}&limit=3`)).body
    const rest = (
      await world.ok(world.platform, `/v1/grants?subject=${subject}&limit=3&cursor=${first.next_cursor}`)
    ).body
    expect([...first.items, ...rest.items]).toEqual(all.items)
    expect(rest.next_cursor).toBeNull()
  })

  test('a person cannot end another person’s grant, nor learn that there is one', async () => {
    const other = await world.addCustomer('u-4')
    const grant = (await give({ subject: other.subject })).body.id
    const me = await world.signIn(customer.subject)
    const theirs = await world.call(me, `/v1/me/grants/${grant}/revoke`, { method: 'POST' })
    expectProblem(theirs, 'not_found')
    const none = await world.call(me, '/v1/me/grants/grt_00000000000000000000000000/revoke', {
      method: 'POST',
    })
    expect(sansRequestId(none)).toEqual(sansRequestId(theirs))
  })
})
