import { describe, expect, onTestFinished, test } from 'vitest'
import { parseId, parseTenantId, timedId } from '../../src/core/id.ts'
import { lookOutForTouches } from '../../src/vault/canaries/look-out.ts'
import { enrolNext } from '../../src/vault/incidents/notices/enrol.ts'
import type { Notice } from '../../src/vault/incidents/notices/notice.ts'
import { anId, expectProblem } from './expectations.ts'
import { TO_THE_DOOR, openWorld } from './world.ts'
import type { Answered, Json } from './harness.ts'
import type { Party, Tokens, World } from './world.ts'

type Planted = {
  subject: string
  tokens: Tokens
  person: { name: string; phone: string; email: string; address: Json }
  parcel?: { id: string; waybill: string; grant: string; order_ref: string }
}

const EMAIL = '{random}@shop-mail.example'

async function opened(): Promise<World> {
  const world = await openWorld()
  onTestFinished(() => world.close())
  return world
}

async function plant(world: World, more: object = {}, made: object = {}): Promise<Planted> {
  const body = {
    party: world.shop.id,
    made_up: { locale: 'zh-Hans', email: EMAIL, seed: 'one', ...made },
    ...more,
  }
  return (await world.ok(world.platform, '/v1/canaries', body)).body.items[0]
}

function withParcel({ courier }: World) {
  return { parcels: { courier: courier.id, order_ref: 'SO-{digits}' } }
}

/** What has been raised, once the job has had its turn. */
async function signals(world: World): Promise<Json[]> {
  await lookOutForTouches(world.vault)
  return (await world.ok(world.platform, '/v1/signals')).body.items
}

function revealToken(world: World, by: Party, token: string): Promise<Answered> {
  const items = [{ key: 'a', token, order_ref: 'SO-1' }]
  const body = { purpose: 'customer_service', operator: { id: 'emp-1', device: 'pc-1' }, items }
  return world.call(by.credential, '/v1/reveal', { body })
}

function scan(world: World, by: Party, waybill: string): Promise<Answered> {
  const items = [{ key: 'a', waybill }]
  const body = { purpose: 'delivery', operator: { id: 'emp-17', device: 'hh-1' }, items }
  return world.call(by.credential, '/v1/reveal', { body })
}

type Person = { subject: string; tokens: Tokens; phone: string; waybill: string; shipment: string }

const SHOP_ITEMS = ({ tokens }: Person) => ({ items: [{ key: 'a', token: tokens.phone }] })

/** Each verb, by whom it is done, and what it is called in the signal. */
const TOUCHES: readonly (readonly [
  string,
  string,
  'shop' | 'courier' | 'otherShop' | 'otherCourier' | 'platform' | 'nobody',
  (world: World, person: Person) => Promise<unknown>,
])[] = [
  ['a shop reveals a token', 'reveal', 'shop', (w, p) => revealToken(w, w.shop, p.tokens.phone)],
  ['a courier scans its parcel', 'reveal', 'courier', (w, p) => scan(w, w.courier, p.waybill)],
  [
    'another shop tries the token',
    'reveal',
    'otherShop',
    (w, p) => revealToken(w, w.otherShop, p.tokens.phone),
  ],
  [
    'another courier tries the waybill',
    'reveal',
    'otherCourier',
    (w, p) => scan(w, w.otherCourier, p.waybill),
  ],
  ['a shop sees the mask', 'mask', 'shop', (w, p) => w.ok(w.shop.credential, '/v1/mask', SHOP_ITEMS(p))],
  [
    'a shop compares tokens',
    'compare',
    'shop',
    (w, p) => w.ok(w.shop.credential, '/v1/group', SHOP_ITEMS(p)),
  ],
  [
    'a shop asks whether it lives',
    'validate',
    'shop',
    (w, p) => w.ok(w.shop.credential, '/v1/validate', SHOP_ITEMS(p)),
  ],
  ['a shop searches the phone', 'search', 'shop', (w, p) => search(w, w.shop.credential, p)],
  ['the platform searches the phone', 'search', 'platform', (w, p) => search(w, w.platform, p)],
  ['a shop makes a parcel and its label', 'label', 'shop', (w, p) => w.ship(p.tokens, 'SO-77')],
  [
    'another shop tries the tokens for a parcel',
    'label',
    'otherShop',
    (w, { tokens: { name, phone, address } }) =>
      w.call(w.otherShop.credential, '/v1/shipments', {
        body: { order_ref: 'X-1', courier: w.courier.id, recipient: { name, phone, address } },
      }),
  ],
  ['a courier moves the parcel on', 'move', 'courier', (w, p) => w.move(p.shipment, 'picked_up')],
  ['the platform lets somebody in as the person', 'view', 'platform', (w, p) => w.signIn(p.subject)],
]

function search(world: World, credential: string, { phone }: Person): Promise<Answered> {
  return world.ok(credential, '/v1/search', { purpose: 'customer_service', phone })
}

async function someCanary(world: World): Promise<Person> {
  const { subject, tokens, person, parcel } = await plant(world, withParcel(world))
  return { subject, tokens, phone: person.phone, waybill: parcel!.waybill, shipment: parcel!.id }
}

async function somebody(world: World): Promise<Person> {
  const { subject, tokens } = await world.addCustomer('u-1')
  const { waybill, id } = await world.ship(tokens, 'SO-1')
  return { subject, tokens, phone: '+8613812345678', waybill, shipment: id }
}

describe('whatever touches a canary raises a signal that names who it was', () => {
  test.each(TOUCHES)('%s', async (_, verb, by, touch) => {
    const world = await opened()
    const canary = await someCanary(world)
    expect(await signals(world)).toEqual([])
    await touch(world, canary)
    const [signal, ...more] = await signals(world)
    expect(more).toEqual([])
    expect(signal).toMatchObject({ detector: 'canary', severity: 'critical', state: 'open', count: 1 })
    const { implicated, evidence, sentence } = signal as Json & { implicated: Json; evidence: string[] }
    expect(implicated).toMatchObject({ subject: canary.subject, credential: anId('key') })
    if (by !== 'platform' && by !== 'nobody') expect(implicated).toMatchObject({ party: world[by].id })
    if (verb === 'reveal') expect(implicated).toMatchObject({ operator: expect.anything() })
    expect(sentence).toContain(`(${verb})`)
    expect(evidence).toHaveLength(1)
    const event = (await world.ok(world.platform, `/v1/events/${evidence[0]}`)).body
    expect(event.id).toBe(evidence[0])
    expect(await signals(world)).toHaveLength(1)
    const [listed] = (await world.ok(world.platform, '/v1/canaries')).body.items
    expect(listed).toMatchObject({ subject: canary.subject, touches: 1, touched_at: expect.any(String) })
  })

  test.each(TOUCHES)(
    'negative control: %s, who exists, and nothing is raised',
    async (_, _verb, _by, touch) => {
      const world = await opened()
      await someCanary(world)
      await touch(world, await somebody(world))
      expect(await signals(world)).toEqual([])
    },
  )

  test('the person’s own page, its export and a revoked grant are touches too', async () => {
    const world = await opened()
    const { subject, parcel } = await plant(world, withParcel(world))
    const session = await world.signIn(subject)
    await world.ok(session, '/v1/me')
    await world.ok(session, '/v1/me/export')
    await world.ok(session, `/v1/me/grants/${parcel!.grant}/revoke`, {})
    const found = await signals(world)
    expect(found.map(({ count }) => count).toSorted()).toEqual([1, 3])
  })

  test('many touches by one credential in one round are one signal, which counts them', async () => {
    const world = await opened()
    const canary = await someCanary(world)
    for (let i = 0; i < 3; i++) await scan(world, world.courier, canary.waybill)
    await revealToken(world, world.shop, canary.tokens.phone)
    const found = await signals(world)
    expect(found.map(({ count }) => count).toSorted()).toEqual([1, 3])
  })

  test('dismissing one does not blunt the next', async () => {
    const world = await opened()
    const canary = await someCanary(world)
    await scan(world, world.courier, canary.waybill)
    const [first] = await signals(world)
    await world.ok(world.platform, `/v1/signals/${first!['id'] as string}/dismiss`, { reason: 'a test' })
    await scan(world, world.courier, canary.waybill)
    expect(await signals(world)).toHaveLength(2)
  })

  test('the platform’s own care raises nothing: parcels, their stages, grants', async () => {
    const world = await opened()
    const { subject, parcel } = await plant(world, withParcel(world))
    const more = await world.ok(world.platform, `/v1/canaries/${subject}/parcels`, {
      courier: world.courier.id,
      order_ref: 'SO-2',
    })
    for (const id of [parcel!.id, more.body.id]) {
      for (const stage of TO_THE_DOOR) await world.ok(world.platform, `/v1/shipments/${id}/stage`, { stage })
    }
    expect(await signals(world)).toEqual([])
    expect((await scan(world, world.courier, more.body.waybill)).body.items[0]).toMatchObject({
      status: 'ok',
    })
    expect(await signals(world)).toHaveLength(1)
  })

  test('a touch is kept where nobody looks for a while, and told of once', async () => {
    const world = await opened()
    const canary = await someCanary(world)
    await revealToken(world, world.otherShop, canary.tokens.phone)
    for (let i = 0; i < 20; i++) await world.addCustomer(`u-${i}`)
    world.pass(86_400_000)
    expect(await signals(world)).toHaveLength(1)
    expect(await signals(world)).toMatchObject([{ count: 1 }])
  })
})

/** An answer without what differs from one person to the next. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shapeOf(part)]))
  }
  if (typeof value !== 'string') return typeof value
  const id = /^([a-z]{2,3})_[0-9a-hjkmnp-tv-z]{26}$/.exec(value)
  return id ? `${id[1]}_` : /^\d{4}-\d\d-\d\dT/.test(value) ? 'time' : 'text'
}

describe('no answer to a party tells a canary from anybody', () => {
  test('all that a shop and a courier can ask has the same shape, headers and words', async () => {
    const world = await opened()
    const asked = async (person: Person) => {
      const { tokens, waybill, shipment } = person
      const { name, phone, address } = tokens
      const ship = { order_ref: 'SO-9', courier: world.courier.id, recipient: { name, phone, address } }
      const answers = [
        await revealToken(world, world.shop, tokens.phone),
        await world.call(world.shop.credential, '/v1/mask', { body: SHOP_ITEMS(person) }),
        await world.call(world.shop.credential, '/v1/validate', { body: SHOP_ITEMS(person) }),
        await world.call(world.shop.credential, '/v1/group', { body: SHOP_ITEMS(person) }),
        await world.call(world.shop.credential, '/v1/search', {
          body: { purpose: 'customer_service', phone: person.phone },
        }),
        await world.call(world.shop.credential, '/v1/shipments', { body: ship }),
        await scan(world, world.courier, waybill),
        await world.call(world.courier.credential, `/v1/shipments/${shipment}`),
        await world.call(world.courier.credential, `/v1/shipments/${shipment}/stage`, {
          body: { stage: 'picked_up' },
        }),
        await scan(world, world.courier, waybill),
        await scan(world, world.otherCourier, waybill),
        await revealToken(world, world.otherShop, tokens.phone),
      ]
      return answers.map(({ status, body, headers }) => ({
        status,
        body: shapeOf(body),
        headers: [...headers.keys()].toSorted(),
      }))
    }
    const real = await asked(await somebody(world))
    const fake = await asked(await someCanary(world))
    expect(fake).toEqual(real)
    expect(real.filter(({ status }) => status < 300).length).toBeGreaterThan(9)
  })

  test('a shop’s own log has the same events of it, and none says that it was planted', async () => {
    const world = await opened()
    const since = async () => {
      const { items } = (await world.ok(world.shop.credential, '/v1/events?limit=100')).body
      return items as Json[]
    }
    await world.addCustomer('u-1')
    const before = await since()
    const real = before.at(-1)
    await plant(world, withParcel(world), { locale: 'zh-Hans' })
    const added = (await since()).slice(before.length)
    expect(added.map(shapeOf)).toEqual([shapeOf(real)])
    expect(added.map(({ type }) => type)).toEqual(['subject.stored'])
    const couriers = (await world.ok(world.courier.credential, '/v1/events')).body.items
    expect((couriers as Json[]).map(({ type }) => type)).not.toContain('shipment.created')
    expect((couriers as Json[]).filter(({ type }) => String(type).startsWith('canary'))).toEqual([])
  })

  test('none of the canaries’ own calls is a party’s', async () => {
    const world = await opened()
    const { subject } = await plant(world)
    for (const { credential } of [world.shop, world.courier]) {
      expectProblem(await world.call(credential, '/v1/canaries'), 'forbidden')
      expectProblem(await world.call(credential, '/v1/canaries', { body: {} }), 'forbidden')
      expectProblem(
        await world.call(credential, `/v1/canaries/${subject}`, { method: 'DELETE' }),
        'forbidden',
      )
      expectProblem(await world.call(credential, '/v1/signals'), 'forbidden')
    }
  })
})

describe('planting', () => {
  test('the same seed plants the same people, each a person of its own', async () => {
    const world = await opened()
    const body = { party: world.shop.id, made_up: { count: 3, locale: 'en', email: EMAIL, seed: 'again' } }
    const [one, other] = [
      await world.ok(world.platform, '/v1/canaries', body),
      await world.ok(world.platform, '/v1/canaries', body),
    ]
    expect(one.status).toBe(201)
    const people = (answer: Answered) => (answer.body.items as Planted[]).map(({ person }) => person)
    expect(people(one)).toEqual(people(other))
    expect(new Set(people(one).map(({ phone }) => phone)).size).toBe(3)
    const listed = (await world.ok(world.platform, '/v1/canaries?limit=4')).body
    expect(listed.items).toHaveLength(4)
    const rest = (await world.ok(world.platform, `/v1/canaries?cursor=${listed.next_cursor}`)).body
    expect(rest.items).toHaveLength(2)
    const none = await world.ok(world.platform, `/v1/canaries?party=${world.otherShop.id}`)
    expect(none.body.items).toEqual([])
  })

  test('people whom the platform gives are planted as they are', async () => {
    const world = await opened()
    const person = { name: 'Robin Example', email: 'robin@shop-mail.example' }
    const { body } = await world.ok(world.platform, '/v1/canaries', {
      party: world.shop.id,
      given: { persons: [person], locale: 'en', jurisdiction: 'GB' },
    })
    expect(body.items).toEqual([
      { subject: anId('sub'), person, tokens: { name: anId('tok'), email: anId('tok') } },
    ])
  })

  test('what cannot be taken is said with a pointer, and nobody is planted', async () => {
    const world = await opened()
    const call = (body: object) => world.call(world.platform, '/v1/canaries', { body })
    const { shop, courier } = world
    expect((await call({ party: shop.id })).status).toBe(400)
    const both = { made_up: { locale: 'en' }, given: { persons: [{ name: 'A' }] } }
    expect((await call({ party: shop.id, ...both })).status).toBe(400)
    expect((await call({ party: shop.id, made_up: { locale: 'xx' } })).status).toBe(400)
    expect(
      (await call({ party: shop.id, made_up: { locale: 'en', email: '{other}@x.example' } })).status,
    ).toBe(400)
    expectProblem(await call({ party: shop.id, given: { persons: [{ email: 'no' }] } }), 'invalid_request', [
      { pointer: '/given/persons/0/email', code: 'email_invalid' },
    ])
    const nobody = 'mer_0123456789abcdefghjkmnpqrs'
    expectProblem(await call({ party: nobody, made_up: { locale: 'en' } }), 'not_found')
    const noPhone = { party: shop.id, given: { persons: [{ name: 'A' }] } }
    const parcels = { courier: courier.id, order_ref: 'SO-1' }
    expectProblem(await call({ ...noPhone, parcels }), 'state_conflict')
    expect((await world.ok(world.platform, '/v1/canaries')).body.items).toEqual([])
  })
})

describe('mail that comes to a canary’s mailbox', () => {
  test('is taken in, raises a signal about the shop that was given the address, and is in no log', async () => {
    const world = await opened()
    const { subject, person } = await plant(world)
    const mail = {
      to: person.email.toUpperCase(),
      from: 'ads@elsewhere.example',
      subject: 'Cheap shoes for you',
      at: '2026-11-23T11:59:00Z',
      sha256: 'a'.repeat(64),
    }
    const { body } = await world.ok(world.platform, '/v1/canaries/mail', mail)
    expect(body).toEqual({ canaries: 1 })
    expect(await signals(world)).toMatchObject([
      {
        detector: 'canary',
        severity: 'critical',
        implicated: { party: world.shop.id, subject },
        sentence: expect.stringContaining(world.shop.id),
      },
    ])
    const kept = await world.ok(world.platform, `/v1/canaries/${subject}/mail`)
    expect(kept.body.items).toEqual([
      {
        event: anId('evt'),
        at: expect.any(String),
        from: mail.from,
        subject: mail.subject,
        sent_at: '2026-11-23T11:59:00.000Z',
        sha256: mail.sha256,
      },
    ])
    const log = (await world.ok(world.platform, '/v1/events?limit=100')).text
    expect(log).toContain('canary.mail_read')
    expect(log).not.toMatch(/elsewhere|shoes|shop-mail/i)
  })

  test('negative control: mail to somebody who exists, or to nobody, raises nothing', async () => {
    const world = await opened()
    await plant(world)
    await world.addCustomer('u-1')
    for (const to of ['xm.wang@example.com', 'nobody@shop-mail.example', 'not an address']) {
      const { body } = await world.ok(world.platform, '/v1/canaries/mail', { to, from: 'a@b.example' })
      expect(body).toEqual({ canaries: 0 })
    }
    expect(await signals(world)).toEqual([])
  })
})

describe('a canary that goes', () => {
  test('retired, it is erased like anybody and raises nothing; its id is not given out again', async () => {
    const world = await opened()
    const { subject, tokens, person } = await plant(world)
    await world.ok(world.platform, `/v1/canaries/${subject}`, undefined, 'DELETE')
    const { body } = await revealToken(world, world.shop, tokens.phone)
    expect(body.items[0]).toMatchObject({ status: 'denied', code: 'subject_erased' })
    const mail = { to: person.email, from: 'a@b.example' }
    expect((await world.ok(world.platform, '/v1/canaries/mail', mail)).body).toEqual({ canaries: 0 })
    expect(await signals(world)).toEqual([])
    const again = await world.call(world.platform, `/v1/canaries/${subject}`, { method: 'DELETE' })
    expectProblem(again, 'not_found')
    const [listed] = (await world.ok(world.platform, '/v1/canaries')).body.items
    expect(listed.retired_at).toEqual(expect.any(String))
  })

  test('erased by itself, whoever still tries its tokens is told of', async () => {
    const world = await opened()
    const { subject, tokens } = await plant(world)
    await world.ok(world.platform, `/v1/subjects/${subject}`, undefined, 'DELETE')
    expect(await signals(world)).toEqual([])
    await revealToken(world, world.shop, tokens.phone)
    expect(await signals(world)).toMatchObject([{ implicated: { party: world.shop.id } }])
    expect((await world.ok(world.platform, `/v1/canaries/${subject}/mail`)).body.items).toEqual([])
  })

  test('brought into another tenant it is an ordinary person there, and its mailbox still tells the first one', async () => {
    const world = await opened()
    const { person } = await plant(world)
    const other = await world.addTenant('other')
    const shop = await world.addParty('merchant', 'Bought a list', other)
    const items = [{ key: 'a', person }]
    const taken = await world.ok(other, '/v1/tokenize', { party: shop.id, items })
    await revealToken(world, shop, taken.body.items[0].tokens.phone)
    await lookOutForTouches(world.vault)
    expect((await world.ok(other, '/v1/signals')).body.items).toEqual([])
    expect((await world.ok(other, '/v1/canaries')).body.items).toEqual([])
    const mail = { to: person.email, from: 'shop@bought.example' }
    expect((await world.ok(other, '/v1/canaries/mail', mail)).body).toEqual({ canaries: 0 })
    expect((await world.ok(world.platform, '/v1/canaries/mail', mail)).body).toEqual({ canaries: 1 })
    expect(await signals(world)).toMatchObject([{ implicated: { party: world.shop.id } }])
  })
})

test('in an incident a canary counts for nobody: not by person, jurisdiction or field, and no notice goes to it', async () => {
  const world = await opened()
  const real = await somebody(world)
  const canary = await someCanary(world)
  for (const { waybill } of [real, canary]) await scan(world, world.courier, waybill)
  const incident = await world.ok(world.platform, '/v1/incidents', {
    title: 'Copied',
    kind: 'canary',
    aware_at: new Date(world.now()).toISOString(),
    suspects: { parties: [world.courier.id] },
  })
  const scope = (await world.ok(world.platform, `/v1/incidents/${incident.body.id}/scope`)).body
  expect(scope).toMatchObject({ events: 2, subjects: 1, canaries: 1, by_jurisdiction: { CN: 1 } })
  expect(scope.by_field.name.masked).toEqual({ events: 2, subjects: 1 })
  const listed = (await world.ok(world.platform, `/v1/incidents/${incident.body.id}/scope/subjects`)).body
  expect(listed.items.map((one: Json) => [one['subject'], one['canary']])).toEqual([
    [real.subject, false],
    [canary.subject, true],
  ])
  const tenant = parseTenantId('default')!
  const notice = await approvedNotice(world, incident.body.id)
  await enrolNext(world.vault, tenant, notice)
  const rows = await world.store.listDeliveries(tenant, notice.id, 0, 9)
  const facts = await world.store.listPersonFacts(tenant, rows[0]!.recipient, rows[0]!.recipient)
  expect(rows).toHaveLength(1)
  expect(facts.map(({ subject }) => subject)).toEqual([real.subject])
})

/** To everybody in the incident's scope, on their own page. */
async function approvedNotice({ vault, store, now }: World, incident: string): Promise<Notice> {
  const by = timedId('key', vault.random, now())
  const notice: Notice = {
    id: timedId('ntc', vault.random, now()),
    incident: parseId('inc', incident)!,
    audience: 'persons',
    channel: 'page',
    jurisdiction: null,
    state: 'approved',
    draftedBy: by,
    draftedAt: now(),
    editedBy: by,
    approvedBy: by,
    approvedAt: now(),
    seed: '00',
    cursor: 0,
    version: 1,
  }
  await store.commit(parseTenantId('default')!, [{ type: 'notice.insert', notice }])
  return notice
}
