import { expect, onTestFinished, test } from 'vitest'
import { parseTenantId } from '../../src/core/id.ts'
import { Channels } from '../../src/vault/incidents/notices/channel.ts'
import type { Channel, Outcome, Parcel } from '../../src/vault/incidents/notices/channel.ts'
import { nextSending, sendNotices } from '../../src/vault/incidents/notices/round.ts'
import { issuePlatformCredential } from '../../src/vault/principals/tenants.ts'
import { expectProblem } from './expectations.ts'
import { openHarness } from './harness.ts'
import { openStore } from './open-store.ts'
import { EVERYTHING } from '../vault/incidents/notices/drafts.ts'
import { PERSON, openWorld } from './world.ts'
import type { World } from './world.ts'

const WORDS = {
  en: { subject: 'Your data', text: 'Dear {name}, a key leaked.' },
  'zh-Hans': { subject: '您的信息', text: '{name}:您的信息被查看。', html: '<p>{name}</p>' },
}

/** Keeps what it is given, opened: what a recipient has in the end. */
class Mailbox implements Channel {
  readonly width = 4
  readonly got: { to: string | undefined; parcel: Parcel }[] = []
  answer: (parcel: Parcel) => Outcome = () => ({ result: 'sent' })

  send(parcel: Parcel): Promise<Outcome> {
    const outcome = this.answer(parcel)
    if (outcome.result === 'sent') this.got.push({ to: parcel.to?.exposeSecret(), parcel })
    return Promise.resolve(outcome)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** A shop that looked at some customers, an incident about it, and a second officer. */
async function leaked(people: readonly object[] = [PERSON, PERSON]) {
  const [email, webhook] = [new Mailbox(), new Mailbox()]
  const channels = new Channels({ email, webhook })
  const world = await openWorld(openHarness({ openStore, channels }))
  onTestFinished(() => world.close())
  const tenant = parseTenantId('default')!
  const officer = (await issuePlatformCredential(world.vault, tenant, 'second')).secret.exposeSecret()
  const customers = []
  for (const [i, person] of people.entries()) {
    const customer = await world.addCustomer(`u-${i}`, person)
    const items = Object.values(customer.tokens)
      .slice(0, 1)
      .map((token) => ({ key: 'a', token }))
    await world.ok(world.shop.credential, '/v1/mask', { items })
    customers.push(customer)
  }
  const opening = { title: 'x', kind: 'insider', aware_at: new Date(world.now()).toISOString() }
  const suspects = { parties: [world.shop.id] }
  const incident = (await world.ok(world.platform, '/v1/incidents', { ...opening, suspects })).body.id
  return { world, officer, customers, email, webhook, incident, path: `/v1/incidents/${incident}/notices` }
}

async function approved(world: World, officer: string, path: string, draft: object): Promise<string> {
  const { id, version } = (await world.ok(world.platform, path, draft)).body
  await world.ok(officer, `/v1/notices/${id}/approve`, { version })
  return id
}

/** Rounds until nothing is left, the clock moving on from one to the next. */
async function sendAll(world: World, rounds = 20): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await sendNotices(world.vault)
    if ((await nextSending(world.vault)) === undefined) return
    world.pass(5 * 60_000)
  }
}

async function eventsOf(world: World, type: string): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = []
  for (let cursor = ''; ;) {
    const { body } = await world.ok(world.platform, `/v1/events?limit=100${cursor}`)
    found.push(...body.items.filter((event: { type: string }) => event.type === type))
    if (body.next_cursor === null) return found
    cursor = `&cursor=${body.next_cursor}`
  }
}

test('an approved notice reaches each person in scope once, in its language, and each step is in the log', async () => {
  const { world, officer, customers, email, path, incident } = await leaked()
  await world.ok(world.platform, `/v1/incidents/${incident}/assess`, { severity: 'high' })
  await world.addCustomer('u-bystander', { ...PERSON, email: 'bystander@example.com' })
  const id = await approved(world, officer, path, { audience: 'persons', words: WORDS })
  await sendAll(world)
  const subjects = customers.map(({ subject }) => subject)
  expect(email.got.map(({ parcel }) => parcel.subject).toSorted()).toEqual(subjects.toSorted())
  expect(email.got[0]).toMatchObject({
    to: PERSON.email,
    parcel: { message: { language: 'zh-Hans', text: '王小明:您的信息被查看。', html: '<p>王小明</p>' } },
  })
  const { body } = await world.ok(world.platform, `/v1/notices/${id}`)
  expect(body).toMatchObject({ state: 'sent', figures: { sent: 2, queued: 0, failed: 0 } })
  const opened = await eventsOf(world, 'notice.contact_opened')
  expect(opened).toHaveLength(2)
  expect(opened[0]).toMatchObject({
    purpose: 'breach_notice',
    fields: { email: 'full', name: 'full' },
    incident,
    notice: id,
    decision: 'allowed',
  })
  for (const type of ['notice.drafted', 'notice.approved', 'notice.finished', 'incident.notifying']) {
    expect(await eventsOf(world, type)).toHaveLength(1)
  }
  expect(await eventsOf(world, 'notice.sent')).toHaveLength(2)
  expect((await world.ok(world.platform, `/v1/incidents/${incident}`)).body.state).toBe('notifying')
  const session = await world.signIn(subjects[0]!)
  const { items } = (await world.ok(session, '/v1/me/accesses')).body
  expect(items[0]).toMatchObject({ type: 'notice.contact_opened', purpose: 'breach_notice', party: null })
  const own = (await world.ok(session, '/v1/me/notices')).body.items
  expect(own).toMatchObject([{ id, state: 'sent', language: 'zh-Hans', subject: '您的信息' }])
  expect((await world.ok(session, '/v1/me/export')).body.notices).toEqual(own)
})

test('who wrote a notice, or what it says now, does not approve it; what was edited since is not approved', async () => {
  const { world, officer, email, path } = await leaked()
  const { id, version } = (await world.ok(world.platform, path, { audience: 'persons', words: WORDS })).body
  const approve = (by: string, of: number) =>
    world.call(by, `/v1/notices/${id}/approve`, { body: { version: of } })
  expectProblem(await approve(world.platform, version), 'approval_own')
  await world.ok(world.platform, `/v1/notices/${id}`, { words: { en: WORDS.en } }, 'PATCH')
  expectProblem(await approve(officer, version), 'state_conflict')
  await world.ok(officer, `/v1/notices/${id}`, { words: WORDS }, 'PATCH')
  expectProblem(await approve(officer, version + 2), 'approval_own')
  await sendAll(world)
  expect(email.got).toEqual([])
})

test('two officers who approve at once give one approval', async () => {
  const { world, officer, email, path } = await leaked()
  const tenant = parseTenantId('default')!
  const { secret: third } = await issuePlatformCredential(world.vault, tenant, 'third')
  const { id, version } = (await world.ok(world.platform, path, { audience: 'persons', words: WORDS })).body
  const answers = await Promise.all(
    [officer, third.exposeSecret()].map((by) =>
      world.call(by, `/v1/notices/${id}/approve`, { body: { version } }),
    ),
  )
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
  await sendAll(world)
  expect(email.got).toHaveLength(2)
  expect(await eventsOf(world, 'notice.approved')).toHaveLength(1)
})

test('the erased and those without a contact are accounted for, and nothing of them is opened', async () => {
  const { email: _email, ...unreachable } = PERSON
  const { world, officer, customers, email, path } = await leaked([PERSON, unreachable, PERSON, PERSON])
  await world.ok(world.platform, `/v1/subjects/${customers[2]!.subject}`, undefined, 'DELETE')
  const id = await approved(world, officer, path, { audience: 'persons', words: { en: WORDS.en } })
  email.answer = () => ({ result: 'later', code: '451' })
  await sendNotices(world.vault)
  await sendNotices(world.vault)
  email.answer = () => ({ result: 'sent' })
  // Between two attempts.
  await world.ok(world.platform, `/v1/subjects/${customers[3]!.subject}`, undefined, 'DELETE')
  world.pass(60_000)
  await sendAll(world)
  const { figures } = (await world.ok(world.platform, `/v1/notices/${id}`)).body
  expect(figures).toMatchObject({ sent: 1, no_contact: 1, erased: 2, queued: 0 })
  const rows = (await world.ok(world.platform, `/v1/notices/${id}/deliveries`)).body.items
  expect(rows.map(({ state }: { state: string }) => state)).toEqual([
    'sent',
    'no_contact',
    'erased',
    'erased',
  ])
  const opened = await eventsOf(world, 'notice.contact_opened')
  expect(opened.filter(({ subject }) => subject === customers[1]!.subject)).toEqual([])
  expect(opened.filter(({ subject }) => subject === customers[2]!.subject)).toEqual([])
  const skipped = await eventsOf(world, 'notice.skipped')
  expect(skipped.map(({ code }) => code).toSorted()).toEqual(['erased', 'erased', 'no_contact'])
})

test('what fails for good is not tried again; what fails for now is, later and later', async () => {
  const { world, officer, email, path, customers } = await leaked()
  email.answer = ({ subject }) =>
    subject === customers[0]!.subject
      ? { result: 'bounced', code: '550 5.1.1' }
      : { result: 'later', code: '451' }
  const id = await approved(world, officer, path, { audience: 'persons', words: WORDS })
  await sendNotices(world.vault)
  await sendNotices(world.vault)
  const rows = async () => (await world.ok(world.platform, `/v1/notices/${id}/deliveries`)).body.items
  expect(await rows()).toMatchObject([
    { state: 'bounced', code: '550 5.1.1', attempts: 1, next_attempt_at: null },
    { state: 'queued', code: '451', attempts: 1 },
  ])
  await sendNotices(world.vault)
  expect((await rows())[1].attempts).toBe(1)
  let waited = 0
  for (let i = 0; i < 6; i++) {
    const { next_attempt_at: next } = (await rows())[1]
    const wait = Date.parse(next) - world.now()
    expect(wait).toBeGreaterThan(waited)
    waited = wait / 2
    world.pass(wait)
    await sendNotices(world.vault)
  }
  expect((await rows())[1].attempts).toBe(7)
  world.pass(6 * 86_400_000)
  await sendNotices(world.vault)
  expect((await rows())[1]).toMatchObject({ state: 'failed', code: '451', next_attempt_at: null })
})

test('a channel that is down is not asked for each person, and costs nobody the notice', async () => {
  const { world, officer, email, path } = await leaked(Array.from({ length: 12 }, () => PERSON))
  email.answer = () => ({ result: 'down', code: 'econnection' })
  const id = await approved(world, officer, path, { audience: 'persons', words: WORDS })
  await sendNotices(world.vault)
  await sendNotices(world.vault)
  await sendNotices(world.vault)
  expect(await eventsOf(world, 'notice.contact_opened')).toHaveLength(email.width)
  for (let day = 0; day < 8; day++) {
    world.pass(86_400_000)
    await sendNotices(world.vault)
  }
  email.answer = () => ({ result: 'sent' })
  await sendAll(world, 100)
  expect((await world.ok(world.platform, `/v1/notices/${id}`)).body.figures).toMatchObject({
    sent: 12,
    failed: 0,
  })
})

test('after a cancellation nothing more goes out, and those who waited are shown as cancelled', async () => {
  const { world, officer, email, path } = await leaked()
  const id = await approved(world, officer, path, { audience: 'persons', words: WORDS })
  email.answer = () => ({ result: 'later', code: '451' })
  await sendNotices(world.vault)
  await sendNotices(world.vault)
  const reason = { reason: 'A mistake in it' }
  await world.ok(world.platform, `/v1/notices/${id}/cancel`, reason)
  email.answer = () => ({ result: 'sent' })
  world.pass(86_400_000)
  await sendAll(world)
  expect(email.got).toEqual([])
  expect((await world.ok(world.platform, `/v1/notices/${id}`)).body).toMatchObject({
    state: 'cancelled',
    ...reason,
    figures: { cancelled: 2, queued: 0 },
  })
  expectProblem(await world.call(officer, `/v1/notices/${id}/cancel`, { body: reason }), 'state_conflict')
})

test('a notice is for the persons of its jurisdiction alone', async () => {
  const { world, officer, email, path } = await leaked()
  await approved(world, officer, path, { audience: 'persons', jurisdiction: 'KR', words: WORDS })
  await sendAll(world)
  expect(email.got).toEqual([])
  await approved(world, officer, path, { audience: 'persons', jurisdiction: 'CN', words: WORDS })
  await sendAll(world)
  expect(email.got).toHaveLength(2)
})

test('a webhook says whom it is about and opens nothing', async () => {
  const { world, officer, webhook, path } = await leaked()
  await approved(world, officer, path, { audience: 'persons', channel: 'webhook', words: WORDS })
  await sendAll(world)
  expect(webhook.got.map(({ to }) => to)).toEqual([undefined, undefined])
  expect(webhook.got[0]!.parcel.message.text).toContain('{name}')
  expect(await eventsOf(world, 'notice.contact_opened')).toEqual([])
})

test('a draft that lacks what the law asks for is not approved; what is filled into a template is text', async () => {
  const { world, officer, email, path } = await leaked()
  const whole = { en: EVERYTHING, 'zh-Hans': EVERYTHING }
  const { consequences: _left, ...lacking } = EVERYTHING
  const template = { values: { en: lacking, 'zh-Hans': {} } }
  const draft = { audience: 'persons', jurisdiction: 'CN', template }
  const { id, version } = (await world.ok(world.platform, path, draft)).body
  const lacks = [
    { pointer: '/template/values/zh-Hans', code: 'translation_missing' },
    { pointer: '/template/values/en/consequences', code: 'content_missing' },
  ]
  expect((await world.ok(officer, `/v1/notices/${id}`)).body.lacks).toMatchObject(lacks)
  const refused = await world.call(officer, `/v1/notices/${id}/approve`, { body: { version } })
  expectProblem(refused, 'state_conflict', lacks)
  const edit = async (values: object) =>
    (await world.ok(world.platform, `/v1/notices/${id}`, { template: { values } }, 'PATCH')).body.version
  // One text goes to everybody: nobody's number belongs into it.
  const leaking = { ...whole, en: { ...EVERYTHING, nature: `Somebody saw ${PERSON.phone}` } }
  const approve = async (at: number) =>
    world.call(officer, `/v1/notices/${id}/approve`, { body: { version: at } })
  expectProblem(await approve(await edit(leaking)), 'state_conflict', [
    { pointer: '/template/values/en/nature', code: 'personal_data' },
  ])
  const hostile = { ...whole, 'zh-Hans': { ...EVERYTHING, nature: '{name} <script>alert(1)</script>' } }
  expect((await approve(await edit(hostile))).status).toBe(200)
  await sendAll(world)
  const { message } = email.got[0]!.parcel
  expect(message.language).toBe('zh-Hans')
  expect(message.text).toContain('{name} <script>alert(1)</script>')
  expect(message.html).toContain('&lt;script&gt;')
  expect(email.got).toHaveLength(2)
  const opened = await eventsOf(world, 'notice.contact_opened')
  expect(opened[0]!['fields']).toEqual({ email: 'full' })
})

test('an authority is addressed by hand, and the vault opens nobody for it', async () => {
  const { world, officer, email, path } = await leaked()
  const draft = { audience: 'authority', jurisdiction: 'KR', words: { en: WORDS.en } }
  const bad = await world.call(world.platform, path, { body: { ...draft, to: ['a\r\nBcc: b@example.com'] } })
  expectProblem(bad, 'invalid_request', [{ pointer: '/to/0', code: 'email_invalid' }])
  const { id, version } = (await world.ok(world.platform, path, draft)).body
  const approve = () => world.call(officer, `/v1/notices/${id}/approve`, { body: { version } })
  expectProblem(await approve(), 'state_conflict', [{ pointer: '/to', code: 'required' }])
  await approved(world, officer, path, { ...draft, to: ['pipc@example.kr', 'kisa@example.kr'] })
  await sendAll(world)
  expect(email.got.map(({ to }) => to).toSorted()).toEqual(['kisa@example.kr', 'pipc@example.kr'])
  expect(await eventsOf(world, 'notice.contact_opened')).toEqual([])
})

test('a public notice is a page that everybody reads once it is approved, and not before', async () => {
  const { world, officer, path } = await leaked()
  const words = { en: { subject: 'A <leak>', text: 'One.\n\n<script>alert(1)</script>' } }
  const { id, version } = (await world.ok(world.platform, path, { audience: 'public', words })).body
  const page = `/t/default/notices/${id}`
  expectProblem(await world.call(undefined, page), 'not_found')
  await world.ok(officer, `/v1/notices/${id}/approve`, { version })
  await sendAll(world)
  const answer = await world.call(undefined, page)
  expect(answer.status).toBe(200)
  expect(answer.text).toContain('A &lt;leak&gt;')
  expect(answer.text).not.toContain('<script>')
})

test('a notice on the own page is there for the person, without anything sent', async () => {
  const { world, officer, customers, email, path } = await leaked()
  const id = await approved(world, officer, path, { audience: 'persons', channel: 'page', words: WORDS })
  await sendAll(world)
  expect(email.got).toEqual([])
  const session = await world.signIn(customers[1]!.subject)
  expect((await world.ok(session, '/v1/me/notices')).body.items).toMatchObject([{ id, channel: 'page' }])
})

test('leaving notices out is stated with a reason, and is in the log', async () => {
  const { world, officer, path } = await leaked()
  const omit = { audience: 'persons', jurisdiction: 'CN', omit: true }
  expectProblem(await world.call(world.platform, path, { body: omit }), 'invalid_request', [
    { pointer: '/reason', code: 'required' },
  ])
  const reason = 'The copy was sealed, and its key is not known.'
  const { body } = await world.ok(world.platform, path, { ...omit, reason })
  expect(body).toMatchObject({ state: 'omitted', reason })
  const approve = { body: { version: body.version } }
  expectProblem(await world.call(officer, `/v1/notices/${body.id}/approve`, approve), 'state_conflict')
  expect(await eventsOf(world, 'notice.omitted')).toHaveLength(1)
})

test('a bounce that comes back later is noted once, and only of somebody who was sent to', async () => {
  const { world, officer, customers, email, path } = await leaked()
  const id = await approved(world, officer, path, { audience: 'persons', words: WORDS })
  const report = async (...items: object[]) =>
    (await world.ok(world.platform, `/v1/notices/${id}/reports`, { items })).body.items
  const [first, second] = customers.map(({ subject }) => subject)
  const stranger = await world.addCustomer('u-bystander')
  email.answer = ({ subject }) => (subject === second ? { result: 'later', code: '451' } : { result: 'sent' })
  await sendNotices(world.vault)
  const bounced = { state: 'bounced' }
  expect(
    await report(
      { subject: first, ...bounced },
      { subject: second, ...bounced },
      { subject: stranger.subject, ...bounced },
      { to: 0, ...bounced },
    ),
  ).toEqual([{ status: 'noted' }, { status: 'not_sent' }, { status: 'unknown' }, { status: 'unknown' }])
  expect(await report({ subject: first, ...bounced })).toEqual([{ status: 'unchanged' }])
  expect(await eventsOf(world, 'notice.bounced')).toMatchObject([
    { subject: first, code: 'reported', actor: 'platform' },
  ])
  const { figures } = (await world.ok(world.platform, `/v1/notices/${id}`)).body
  expect(figures).toMatchObject({ bounced: 1, queued: 1, sent: 0 })
  const twice = {
    items: [
      { subject: first, ...bounced },
      { subject: first, ...bounced },
    ],
  }
  expectProblem(
    await world.call(world.platform, `/v1/notices/${id}/reports`, { body: twice }),
    'invalid_request',
    [{ pointer: '/items/1', code: 'repeated' }],
  )
})

test('the report has each notice in numbers, and what was written for the authority', async () => {
  const { email: _email, ...unreachable } = PERSON
  const { world, officer, path, incident } = await leaked([PERSON, PERSON, unreachable])
  const reported = async (query = '') =>
    (await world.ok(world.platform, `/v1/incidents/${incident}/report${query}`)).body
  await approved(world, officer, path, { audience: 'persons', jurisdiction: 'CN', words: WORDS })
  const template = { values: { 'zh-Hans': { ...EVERYTHING, cause: '一个密钥泄露了' } } }
  await world.ok(world.platform, path, { audience: 'authority', jurisdiction: 'CN', template })
  world.pass(1_000)
  const omitted = { audience: 'partners', omit: true, reason: 'They hold nothing of it.' }
  await world.ok(world.platform, path, omitted)
  await sendAll(world)
  const { notices, open_points: points } = await reported()
  expect(notices).toMatchObject([
    { audience: 'persons', jurisdiction: 'CN', sent: 2, queued: 0, failed: 1 },
    { audience: 'partners', sent: 0, left_out: 0 },
  ])
  expect(Date.parse(notices[0].first_sent_at)).toBeLessThanOrEqual(Date.parse(notices[0].last_sent_at))
  expect(points.map(({ code }: { code: string }) => code)).not.toContain('no_notice')
  expect(JSON.stringify((await reported('?form=cac')).form)).toContain('一个密钥泄露了')
})

test('a channel that is not set up is refused by name', async () => {
  const { world, path } = await leaked()
  const draft = { audience: 'persons', channel: 'sms', words: WORDS }
  expectProblem(await world.call(world.platform, path, { body: draft }), 'channel_not_configured')
  const wrong = { audience: 'public', channel: 'email', words: WORDS }
  expectProblem(await world.call(world.platform, path, { body: wrong }), 'invalid_request', [
    { pointer: '/channel', code: 'channel_not_for_audience' },
  ])
})
