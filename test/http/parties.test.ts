import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anId, expectProblem } from './expectations.ts'
import { openWorld } from './world.ts'
import type { World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

describe('parties', () => {
  test('a new party is pending, and is read back as it was answered', async () => {
    const body = { kind: 'courier', name: 'Third Courier', registration_number: '91-1', contact: 'desk 4' }
    const made = await world.call(world.platform, '/v1/parties', { body })
    expect({ status: made.status, body: made.body }).toEqual({
      status: 201,
      body: { ...body, id: anId('cou'), status: 'pending', created_at: '2026-11-23T12:00:00.000Z' },
    })
    const found = await world.call(world.platform, `/v1/parties/${made.body.id}`)
    expect(found.body).toEqual(made.body)
  })

  test('what was not given is null, not left out', async () => {
    const { body } = await world.ok(world.platform, '/v1/parties', { kind: 'merchant', name: 'Bare' })
    expect(body).toMatchObject({ id: anId('mer'), registration_number: null, contact: null })
  })

  test('a list is cut into pages that hold every party once', async () => {
    const seen: string[] = []
    for (let cursor = ''; ;) {
      const { body } = await world.ok(world.platform, `/v1/parties?limit=2${cursor && `&cursor=${cursor}`}`)
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      expect(body.items.length).toBeLessThanOrEqual(2)
      if (body.next_cursor === null) break
      cursor = body.next_cursor
    }
    const all = (await world.ok(world.platform, '/v1/parties?limit=100')).body.items
    expect(seen).toEqual(all.map(({ id }: { id: string }) => id))
    expect(new Set(seen).size).toBe(seen.length)
  })

  test('a list takes no cursor that it did not give out, no unknown parameter and no limit beyond 100', async () => {
    const get = (query: string) => world.call(world.platform, `/v1/parties?${query}`)
    expectProblem(await get('cursor=nonsense'), 'invalid_request')
    expectProblem(await get('cursor=%00'), 'invalid_request', [{ pointer: '/cursor', code: 'invalid' }])
    expectProblem(await get('name=x'), 'invalid_request', [{ pointer: '', code: 'unknown_field' }])
    expectProblem(await get('limit=101'), 'invalid_request', [{ pointer: '/limit', code: 'too_large' }])
    expectProblem(await get('limit=0'), 'invalid_request', [{ pointer: '/limit', code: 'invalid' }])
  })

  test('a party moves pending → active ⇄ suspended → terminated and never otherwise', async () => {
    const { id } = (await world.ok(world.platform, '/v1/parties', { kind: 'merchant', name: 'Moves' })).body
    const to = (status: string) =>
      world.call(world.platform, `/v1/parties/${id}/status`, { body: { status, reason: 'r' } })
    expectProblem(await to('suspended'), 'state_conflict')
    for (const status of ['active', 'suspended', 'active', 'suspended', 'terminated']) {
      expect((await to(status)).body).toMatchObject({ id, status })
    }
    for (const status of ['active', 'suspended', 'terminated'])
      expectProblem(await to(status), 'state_conflict')
    expectProblem(await to('pending'), 'invalid_request', [{ pointer: '/status', code: 'invalid' }])
  })

  test('a change of status needs a reason', async () => {
    const path = `/v1/parties/${world.shop.id}/status`
    const answer = await world.call(world.platform, path, { body: { status: 'suspended' } })
    expectProblem(answer, 'invalid_request', [{ pointer: '/reason', code: 'required' }])
  })

  test('each bad field is named by where it is and what is wrong, never by its value', async () => {
    const body = { kind: 'bank', name: 'x'.repeat(201), registration_number: 7, extra: 1 }
    const answer = await world.call(world.platform, '/v1/parties', { body })
    expectProblem(answer, 'invalid_request', [
      { pointer: '/kind', code: 'invalid' },
      { pointer: '/name', code: 'too_long' },
      { pointer: '/registration_number', code: 'wrong_type' },
      { pointer: '', code: 'unknown_field' },
    ])
    expect(answer.text).not.toMatch(/bank|xxx|extra/)
  })
})

describe('credentials', () => {
  test('a credential works once issued, and is dead on the request after its revocation', async () => {
    const path = `/v1/parties/${world.shop.id}/credentials`
    const issued = await world.call(world.platform, path, { body: { label: 'till 4' } })
    expect({ status: issued.status, body: issued.body }).toEqual({
      status: 201,
      body: { id: anId('key'), secret: expect.stringMatching(/^ck_default_[0-9A-Za-z]{49}$/) },
    })
    const { id, secret } = issued.body
    expect((await world.call(secret, '/v1/events')).status).toBe(200)
    const revoked = await world.call(world.platform, `/v1/credentials/${id}`, { method: 'DELETE' })
    expect({ status: revoked.status, text: revoked.text }).toEqual({ status: 204, text: '' })
    expectProblem(await world.call(secret, '/v1/events'), 'unauthenticated')
    expect((await world.call(world.platform, `/v1/credentials/${id}`, { method: 'DELETE' })).status).toBe(204)
  })

  test('a party that is not active is turned away whatever it asks', async () => {
    const party = await world.addParty('merchant', 'Suspended')
    await world.ok(world.platform, `/v1/parties/${party.id}/status`, { status: 'suspended', reason: 'r' })
    expectProblem(await world.call(party.credential, '/v1/events'), 'party_not_active')
    expectProblem(await world.call(party.credential, '/v1/parties'), 'party_not_active')
    await world.ok(world.platform, `/v1/parties/${party.id}/status`, { status: 'active', reason: 'r' })
    expect((await world.call(party.credential, '/v1/events')).status).toBe(200)
  })

  test('a terminated party gets no credential', async () => {
    const party = await world.addParty('merchant', 'Gone')
    await world.ok(world.platform, `/v1/parties/${party.id}/status`, { status: 'suspended', reason: 'r' })
    await world.ok(world.platform, `/v1/parties/${party.id}/status`, { status: 'terminated', reason: 'r' })
    const path = `/v1/parties/${party.id}/credentials`
    expectProblem(await world.call(world.platform, path, { body: { label: 'l' } }), 'state_conflict')
  })

  test('who brings nothing, or anything but a live credential, is unauthenticated', async () => {
    expectProblem(await world.call(undefined, '/v1/parties'), 'unauthenticated')
    for (const authorization of [
      'Bearer',
      'Bearer x',
      `Basic ${world.platform}`,
      `Bearer ck_default_${'A'.repeat(43)}`,
    ]) {
      expectProblem(
        await world.call(undefined, '/v1/parties', { headers: { authorization } }),
        'unauthenticated',
      )
    }
    expectProblem(await world.call(`${world.platform}x`, '/v1/parties'), 'unauthenticated')
  })
})
