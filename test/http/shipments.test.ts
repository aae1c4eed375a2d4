import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anId, expectProblem, sansRequestId } from './expectations.ts'
import { PERSON, TO_THE_DOOR, openWorld } from './world.ts'
import type { Customer, World } from './world.ts'

let world: World
let customer: Customer
beforeAll(async () => {
  world = await openWorld()
  customer = await world.addCustomer('u-1')
})
afterAll(() => world.close())

function create(more: object = {}, credential = world.shop.credential) {
  const { name, phone, address } = customer.tokens
  const body = { order_ref: 'SO-1', courier: world.courier.id, recipient: { name, phone, address }, ...more }
  return world.call(credential, '/v1/shipments', { body })
}

function stage(id: string, to: string, credential = world.courier.credential) {
  return world.call(credential, `/v1/shipments/${id}/stage`, { body: { stage: to, reason: 'scan' } })
}

describe('shipments', () => {
  test('a new shipment has a waybill, a grant for its courier and a label that gives nothing away', async () => {
    const { status, body, text } = await create()
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        id: anId('shp'),
        waybill: anId('wb'),
        stage: 'created',
        grant: anId('grt'),
        label: {
          name: expect.stringContaining('*'),
          phone: expect.stringContaining('******'),
          address: expect.objectContaining({
            country: 'CN',
            city: '深圳市',
          }),
        },
      },
    })
    for (const plain of [PERSON.name, PERSON.phone, PERSON.address.line1]) expect(text).not.toContain(plain)
  })

  test('its shop, its courier and the platform see one and the same way so far', async () => {
    const { body: made } = await create({ order_ref: 'SO-9' })
    await world.move(made.id, 'picked_up')
    const expected = {
      id: made.id,
      order_ref: 'SO-9',
      waybill: made.waybill,
      stage: 'picked_up',
      history: [
        {
          stage: 'created',
          at: '2026-11-23T12:00:00.000Z',
        },
        {
          stage: 'picked_up',
          at: '2026-11-23T12:00:00.000Z',
        },
      ],
    }
    for (const credential of [world.shop.credential, world.courier.credential, world.platform]) {
      const seen = await world.call(credential, `/v1/shipments/${made.id}`)
      expect({ status: seen.status, body: seen.body }).toEqual({ status: 200, body: expected })
    }
  })

  test('a parcel goes forward along its journey, and neither back nor past its pick-up', async () => {
    const { body: made } = await create()
    expectProblem(await stage(made.id, 'in_transit'), 'state_conflict')
    expectProblem(await stage(made.id, 'created'), 'state_conflict')
    expectProblem(await stage(made.id, 'closed'), 'state_conflict')
    for (const to of [...TO_THE_DOOR, 'delivered']) {
      expect((await stage(made.id, to)).body).toMatchObject({ id: made.id, stage: to })
      expectProblem(await stage(made.id, 'picked_up'), 'state_conflict')
    }
    const closed = await stage(made.id, 'closed', world.platform)
    expect(closed.body.history.map((step: { stage: string }) => step.stage)).toEqual([
      'created',
      ...TO_THE_DOOR,
      'delivered',
      'closed',
    ])
    expectProblem(await stage(made.id, 'returned'), 'state_conflict')
    expectProblem(await stage(made.id, 'teleported'), 'invalid_request', [
      { pointer: '/stage', code: 'invalid' },
    ])
  })

  test('any stage may end in a return or a cancellation', async () => {
    for (const end of ['returned', 'cancelled']) {
      const { body: made } = await create()
      await world.move(made.id, 'picked_up', 'in_transit')
      expect((await stage(made.id, end)).body.stage).toBe(end)
      expectProblem(await stage(made.id, 'delivered'), 'state_conflict')
    }
  })

  test('another party’s shipment answers like one that does not exist', async () => {
    const { body: made } = await create()
    const nobodys = 'shp_00000000000000000000000000'
    for (const { credential } of [world.otherShop, world.otherCourier]) {
      const theirs = await world.call(credential, `/v1/shipments/${made.id}`)
      expectProblem(theirs, 'not_found')
      for (const path of [nobodys, 'shp_x', 'SO-1', '%00']) {
        const none = await world.call(credential, `/v1/shipments/${path}`)
        expect(sansRequestId(none)).toEqual(sansRequestId(theirs))
      }
    }
    const moved = await stage(made.id, 'picked_up', world.otherCourier.credential)
    expectProblem(moved, 'not_found')
    expect(sansRequestId(await stage(nobodys, 'picked_up', world.otherCourier.credential))).toEqual(
      sansRequestId(moved),
    )
    expectProblem(await stage(made.id, 'picked_up', world.shop.credential), 'forbidden')
  })

  test('each token that cannot be used is named; another shop’s is unknown like a malformed one', async () => {
    const theirs = await world.addCustomer('u-2', PERSON, world.otherShop)
    const { name, address } = customer.tokens
    const recipient = { name: theirs.tokens.name, phone: 'x', address: name }
    expectProblem(await create({ recipient }), 'invalid_request', [
      { pointer: '/recipient/name', code: 'token_unknown' },
      { pointer: '/recipient/phone', code: 'token_unknown' },
      { pointer: '/recipient/address', code: 'token_of_another_field' },
    ])
    const second = await world.addCustomer('u-3')
    expectProblem(
      await create({ recipient: { name, address, phone: second.tokens.phone } }),
      'invalid_request',
      [{ pointer: '/recipient', code: 'recipient_mixed' }],
    )
  })

  test('a courier that is not there, or not active, carries nothing', async () => {
    const nobody = 'cou_00000000000000000000000000'
    expectProblem(await create({ courier: nobody }), 'invalid_request', [
      { pointer: '/courier', code: 'not_found' },
    ])
    expectProblem(await create({ courier: world.shop.id }), 'invalid_request', [
      { pointer: '/courier', code: 'invalid' },
    ])
    const { id } = (await world.ok(world.platform, '/v1/parties', { kind: 'courier', name: 'Pending' })).body
    expectProblem(await create({ courier: id }), 'state_conflict')
  })
})
