import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HOUR_MS } from '../../src/core/time.ts'
import { anId, expectProblem } from './expectations.ts'
import { PUBLIC_URL } from './harness.ts'
import { PERSON, TO_THE_DOOR, openWorld } from './world.ts'
import type { World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

async function signedIn(ref: string, person: object = PERSON) {
  const customer = await world.addCustomer(ref, person)
  return { ...customer, session: await world.signIn(customer.subject) }
}

describe('sessions', () => {
  test('the platform opens a session; its token stands in the fragment of the portal’s address', async () => {
    const { subject } = await world.addCustomer('s-1')
    const { status, body } = await world.call(world.platform, `/v1/subjects/${subject}/sessions`, {
      method: 'POST',
    })
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        id: anId('ses'),
        token: expect.any(String),
        expires_at: '2026-11-23T13:00:00.000Z',
        portal_url: `${PUBLIC_URL}/portal#session=${body.token}`,
      },
    })
    expect((await world.call(body.token, '/v1/me')).status).toBe(200)
  })

  test('a session dies with its hour, with its end by the platform, and with its sign-out', async () => {
    const { subject, session } = await signedIn('s-2')
    world.pass(HOUR_MS)
    expectProblem(await world.call(session, '/v1/me'), 'unauthenticated')
    world.pass(-HOUR_MS)
    const opened = (await world.ok(world.platform, `/v1/subjects/${subject}/sessions`, undefined, 'POST'))
      .body
    for (let n = 0; n < 2; n++) {
      const ended = await world.call(world.platform, `/v1/sessions/${opened.id}`, { method: 'DELETE' })
      expect({ status: ended.status, text: ended.text }).toEqual({ status: 204, text: '' })
    }
    expectProblem(await world.call(opened.token, '/v1/me'), 'unauthenticated')
    expect((await world.call(session, '/v1/me/session', { method: 'DELETE' })).status).toBe(204)
    expectProblem(await world.call(session, '/v1/me'), 'unauthenticated')
  })

  test('a session that was changed by a single character is none', async () => {
    const { session } = await signedIn('s-3')
    const at = session.lastIndexOf('.') + 5
    const changed = session.slice(0, at) + (session[at] === 'A' ? 'B' : 'A') + session.slice(at + 1)
    expectProblem(await world.call(changed, '/v1/me'), 'unauthenticated')
  })
})

describe('my data', () => {
  test('I see my own fields in full, a missing one as null', async () => {
    const { subject, session } = await signedIn('m-1', { name: PERSON.name, phone: PERSON.phone })
    const { status, body } = await world.call(session, '/v1/me')
    const rest = { email: null, address: null, locale: 'zh-Hans', jurisdiction: 'CN' }
    expect({ status, body }).toEqual({
      status: 200,
      body: { subject, name: PERSON.name, phone: PERSON.phone, ...rest },
    })
  })

  test('I correct my fields, and see the correction', async () => {
    const { subject, session } = await signedIn('m-2')
    const body = { person: { name: '李雷', email: null } }
    const answer = await world.call(session, '/v1/me', { method: 'PATCH', body })
    expect(answer.body).toEqual({ subject, status: 'updated' })
    expect((await world.ok(session, '/v1/me')).body).toMatchObject({
      name: '李雷',
      email: null,
      phone: PERSON.phone,
    })
  })

  test('I see every access, newest first, with who, why and what; and my own', async () => {
    const { tokens, session } = await signedIn('m-3')
    const shipment = await world.ship(tokens, 'SO-3')
    await world.move(shipment.id, ...TO_THE_DOOR)
    const operator = { id: 'emp-17', device: 'hh-1' }
    const items = [{ key: 'a', waybill: shipment.waybill }]
    const shown = await world.ok(world.courier.credential, '/v1/reveal', {
      purpose: 'delivery',
      operator,
      items,
    })
    await world.ok(world.courier.credential, '/v1/reveal', {
      purpose: 'legal',
      operator: { id: 'emp-1' },
      items,
    })
    const { status, body } = await world.call(session, '/v1/me/accesses')
    const at = '2026-11-23T12:00:00.000Z'
    const party = { id: world.courier.id, name: 'First Courier', kind: 'courier' }
    const about = { party, order_ref: 'SO-3', shipment: shipment.id, at }
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        items: [
          {
            ...about,
            event: anId('evt'),
            type: 'reveal.denied',
            decision: 'denied',
            code: 'purpose_not_allowed',
            operator: { id: 'emp-1' },
            purpose: 'legal',
            fields: {},
          },
          {
            ...about,
            event: shown.body.items[0].event,
            type: 'reveal.allowed',
            decision: 'allowed',
            operator,
            purpose: 'delivery',
            fields: {
              name: 'surname',
              phone: 'full',
              address: 'full',
            },
          },
          {
            ...about,
            party: { id: world.shop.id, name: 'First Shop', kind: 'merchant' },
            event: anId('evt'),
            type: 'shipment.created',
            decision: null,
            operator: null,
            purpose: null,
            fields: { name: 'masked', phone: 'masked', address: 'street' },
          },
        ],
        next_cursor: null,
      },
    })
  })

  test('the export holds all of it in one JSON', async () => {
    const { subject, session } = await signedIn('m-4')
    await world.ok(session, '/v1/me')
    const { status, body } = await world.call(session, '/v1/me/export')
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        subject,
        ...PERSON,
        locale: 'zh-Hans',
        jurisdiction: 'CN',
        exported_at: '2026-11-23T12:00:00.000Z',
        grants: (await world.ok(session, '/v1/me/grants')).body.items,
        shipments: [],
        notes: [],
        notices: [],
        accesses: [],
        activity: ['person.exported', 'person.viewed', 'session.opened'].map((type) =>
          expect.objectContaining({ type, party: null }),
        ),
      },
    })
  })

  test('I stop a shop with one call, and nothing of mine resolves there any more', async () => {
    const { tokens, session } = await signedIn('m-5')
    const shipment = await world.ship(tokens, 'SO-5')
    const grants = (await world.ok(session, '/v1/me/grants')).body.items
    const standing = grants.find(({ origin }: { origin: string }) => origin === 'tokenize')
    const path = `/v1/me/grants/${standing.id}/revoke`
    const { body } = await world.ok(session, path, undefined, 'POST')
    expect(body).toEqual({
      revoked_at: '2026-11-23T12:00:00.000Z',
      event: anId('evt'),
      tokens_retired: 4,
      shipments_affected: [shipment.id],
    })
    const items = Object.values(tokens).map((token, n) => ({ key: `${n}`, token }))
    const after = (await world.ok(world.shop.credential, '/v1/validate', { items })).body.items
    expect(after.map(({ status }: { status: string }) => status)).toEqual([
      'retired',
      'retired',
      'retired',
      'retired',
    ])
  })

  test('I erase myself: the same request again tells me what it did, another finds nobody', async () => {
    const { session } = await signedIn('m-6')
    const erase = (key: string) =>
      world.call(session, '/v1/me/erasure', { method: 'POST', headers: { 'idempotency-key': key } })
    const first = await erase('once')
    expect({ status: first.status, body: first.body }).toEqual({
      status: 200,
      body: {
        erased_at: '2026-11-23T12:00:00.000Z',
        event: anId('evt'),
        tokens_retired: 4,
        grants_revoked: 1,
      },
    })
    expect((await erase('once')).body).toEqual(first.body)
    expectProblem(await erase('twice'), 'not_found')
    expectProblem(await world.call(session, '/v1/me'), 'not_found')
  })
})
