import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anId, expectProblem, sansRequestId } from './expectations.ts'
import { PUBLIC_URL } from './harness.ts'
import { PERSON, openWorld } from './world.ts'
import type { Customer, World } from './world.ts'

let world: World
let customer: Customer
beforeAll(async () => {
  world = await openWorld()
  customer = await world.addCustomer('u-1')
})
afterAll(() => world.close())

type Event = { id: string; index: number; type: string; party?: string; subject?: string }

async function events(query: string, credential = world.platform): Promise<Event[]> {
  return (await world.ok(credential, `/v1/events${query}`)).body.items
}

describe('events', () => {
  test('the platform reads the whole log in order without a gap; a party its own part, and nobody’s subjects', async () => {
    await world.ok(world.shop.credential, '/v1/mask', { items: [{ key: 'k', token: customer.tokens.name }] })
    const all = await events('?limit=100')
    expect(all.map(({ index }) => index)).toEqual(all.map((_, n) => n))
    const own = await events('?limit=100', world.shop.credential)
    expect(own.length).toBeGreaterThan(3)
    expect(new Set(own.map(({ party }) => party))).toEqual(new Set([world.shop.id]))
    expect(JSON.stringify(own)).not.toContain('sub_')
    const shown = all.find(({ type }) => type === 'mask.shown')
    expect(shown).toMatchObject({
      subject: customer.subject,
      party: world.shop.id,
      fields: { name: 'masked' },
    })
  })

  test('filters narrow what is read, and a party’s filter never widens it', async () => {
    const ofSubject = await events(`?subject=${customer.subject}`)
    expect(new Set(ofSubject.map(({ subject }) => subject))).toEqual(new Set([customer.subject]))
    expect(await events(`?party=${world.otherCourier.id}`)).toHaveLength(3)
    expect(await events('?from=2026-11-24T00:00:00Z')).toEqual([])
    expect(await events('?to=2026-11-23T00:00:00Z')).toEqual([])
    expect(await events(`?subject=${customer.subject}`, world.shop.credential)).toEqual([])
    expect(await events(`?party=${world.otherShop.id}`, world.shop.credential)).toEqual([])
    expectProblem(await world.call(world.platform, '/v1/events?from=noon'), 'invalid_request', [
      { pointer: '/from', code: 'invalid' },
    ])
  })

  test('pages hold every event once', async () => {
    const seen: Event[] = []
    for (let cursor = ''; ;) {
      const { body } = await world.ok(world.platform, `/v1/events?limit=4${cursor && `&cursor=${cursor}`}`)
      seen.push(...body.items)
      if (body.next_cursor === null) break
      cursor = body.next_cursor
    }
    expect(seen).toEqual(await events('?limit=100'))
  })

  test('a leaf is the bytes whose hash is in the log; nothing of the person is in it', async () => {
    const [event] = await events(`?subject=${customer.subject}`)
    const path = `${PUBLIC_URL}/v1/events/${event!.id}/leaf`
    const answer = await world.app.request(path, { headers: { authorization: `Bearer ${world.platform}` } })
    expect(answer.headers.get('content-type')).toBe('application/octet-stream')
    const bytes = new Uint8Array(await answer.arrayBuffer())
    const stored = await world.store.findEvent('default' as never, event!.id as never)
    const hash = createHash('sha256').update(Uint8Array.of(0)).update(bytes).digest()
    expect(new Uint8Array(hash)).toEqual(new Uint8Array(stored!.leafHash))
    const text = new TextDecoder().decode(bytes)
    for (const secret of [customer.subject, PERSON.name, PERSON.phone, PERSON.email])
      expect(text).not.toContain(secret)
  })

  test('one event is what the list says of it; another party’s answers like none', async () => {
    const [own] = await events('', world.shop.credential)
    expect((await world.ok(world.shop.credential, `/v1/events/${own!.id}`)).body).toEqual(own)
    const none = 'evt_00000000000000000000000000'
    for (const end of ['', '/leaf']) {
      const theirs = await world.call(world.otherShop.credential, `/v1/events/${own!.id}${end}`)
      expectProblem(theirs, 'not_found')
      for (const id of [none, 'evt_x']) {
        const absent = await world.call(world.otherShop.credential, `/v1/events/${id}${end}`)
        expect(sansRequestId(absent)).toEqual(sansRequestId(theirs))
      }
    }
  })

  test('a refusal of a known caller is written down before it is answered; a stranger’s is not', async () => {
    const refused = async () => (await events('?limit=100')).filter(({ type }) => type === 'call.refused')
    const before = await refused()
    expectProblem(await world.call(world.shop.credential, '/v1/parties'), 'forbidden')
    expectProblem(await world.call(undefined, '/v1/parties'), 'unauthenticated')
    const after = await refused()
    expect(after.slice(before.length)).toEqual([
      expect.objectContaining({
        id: anId('evt'),
        party: world.shop.id,
        decision: 'denied',
        code: 'forbidden',
      }),
    ])
  })
})
