import { expect, onTestFinished, test } from 'vitest'
import { parseTenantId } from '../../src/core/id.ts'
import type { Change } from '../../src/vault/changes.ts'
import { Channels } from '../../src/vault/incidents/notices/channel.ts'
import type { Channel, Outcome, Parcel } from '../../src/vault/incidents/notices/channel.ts'
import { sendNotices } from '../../src/vault/incidents/notices/round.ts'
import { issuePlatformCredential } from '../../src/vault/principals/tenants.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import { expectProblem } from './expectations.ts'
import { openHarness } from './harness.ts'
import { openStore } from './open-store.ts'
import { PERSON, openWorld } from './world.ts'

const TENANT = parseTenantId('default')!
const WORDS = { en: { subject: 'Your data', text: 'A key leaked.' } }
const PIPL = 'cn-pipl-57-individuals'
const GDPR = 'eu-gdpr-33-1'
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

type Row = { rule: string; state: string }

/** Two customers in China whom a shop looked at, an incident about it, a second officer, and a channel that does as it is told. */
async function leaked(facts: object = {}) {
  let answer: (parcel: Parcel) => Outcome = () => ({ result: 'sent' })
  const email: Channel = { width: 2, send: async (parcel) => answer(parcel), close: () => Promise.resolve() }
  const world = await openWorld(openHarness({ openStore, channels: new Channels({ email }) }))
  onTestFinished(() => world.close())
  const officer = (await issuePlatformCredential(world.vault, TENANT, 'second')).secret.exposeSecret()
  const subjects: string[] = []
  for (const ref of ['u-1', 'u-2']) {
    const { subject, tokens } = await world.addCustomer(ref, { ...PERSON, email: `${ref}@example.com` })
    await world.ok(world.shop.credential, '/v1/mask', { items: [{ key: 'a', token: tokens.name }] })
    subjects.push(subject)
  }
  const opening = { title: 'x', kind: 'insider', aware_at: new Date(world.now()).toISOString() }
  const suspects = { parties: [world.shop.id] }
  const { id } = (await world.ok(world.platform, '/v1/incidents', { ...opening, suspects })).body
  const path = `/v1/incidents/${id}`
  const stated = { occurrence: 'established', harm: 'high_risk', ...facts }
  await world.ok(world.platform, `${path}/assess`, { severity: 'high', facts: stated })
  return {
    world,
    path,
    subjects,
    answers: (how: typeof answer) => (answer = how),
    draft: (body: object) =>
      world.call(world.platform, `${path}/notices`, { body: { words: WORDS, ...body } }),
    async approve(body: object): Promise<string> {
      const draft = (await world.ok(world.platform, `${path}/notices`, { words: WORDS, ...body })).body
      await world.ok(officer, `/v1/notices/${draft.id}/approve`, { version: draft.version })
      return draft.id
    },
    notice: async (notice: string) => (await world.ok(world.platform, `/v1/notices/${notice}`)).body,
    async clock(rule: string) {
      const { items } = (await world.ok(world.platform, `${path}/clocks`)).body
      return items.find((one: Row) => one.rule === rule)
    },
    /** What the timeline says of clocks. */
    async noted(): Promise<string[]> {
      const { timeline } = (await world.ok(world.platform, path)).body
      return timeline
        .filter(({ step }: { step: string }) => step.startsWith('clock_'))
        .map(({ step, code }: { step: string; code: string }) => `${step} ${code}`)
    },
    async rounds(count = 8): Promise<void> {
      for (let round = 0; round < count; round++) {
        await sendNotices(world.vault)
        world.pass(5 * MINUTE_MS)
      }
    },
  }
}

const TO_PERSONS = { audience: 'persons', jurisdiction: 'CN', meets: [PIPL] }

test('a notice that was sent meets the clocks that it states, by nobody’s hand, as of the last one reached', async () => {
  const { world, approve, clock, noted, rounds } = await leaked()
  const id = await approve(TO_PERSONS)
  expect(await clock(PIPL)).toMatchObject({ state: expect.not.stringMatching('met'), met: null })
  world.pass(7_000)
  await sendNotices(world.vault)
  const at = new Date(world.now()).toISOString()
  world.pass(5 * MINUTE_MS)
  await rounds(2)
  expect(await clock(PIPL)).toMatchObject({ state: 'met', met_at: at, met: { at, notice: id, reason: null } })
  expect(await noted()).toEqual([`clock_met ${PIPL}`])
  const { event } = (await clock(PIPL)).met
  expect((await world.ok(world.platform, `/v1/events/${event}`)).body).toMatchObject({
    type: 'incident.clock_met',
    actor: 'system',
    notice: id,
    code: PIPL,
  })
})

test.each([
  ['bounced', { result: 'bounced', code: '550' }],
  ['failed', { result: 'failed', code: '554' }],
] as const)(
  'a notice of which everybody %s meets no clock; one that reached a single person does',
  async (_, no) => {
    const { answers, approve, notice, clock, noted, rounds, subjects } = await leaked()
    answers(() => no)
    const nobody = await approve(TO_PERSONS)
    await rounds()
    expect((await notice(nobody)).state).toBe('sent')
    expect(await noted()).toEqual([])
    expect((await clock(PIPL)).state).not.toBe('met')
    answers(({ subject }) => (subject === subjects[0] ? { result: 'sent' } : no))
    const somebody = await approve(TO_PERSONS)
    await rounds()
    expect((await clock(PIPL)).met).toMatchObject({ notice: somebody })
  },
)

test('a notice to nobody, a cancelled one and one that is left out meet no clock', async () => {
  const { world, approve, answers, noted, rounds, path } = await leaked()
  await approve({ audience: 'persons', jurisdiction: 'EU', meets: ['eu-gdpr-34'] })
  answers(({ to }) =>
    to?.exposeSecret().startsWith('u-1') ? { result: 'sent' } : { result: 'later', code: '451' },
  )
  const id = await approve(TO_PERSONS)
  await rounds(2)
  await world.ok(world.platform, `/v1/notices/${id}/cancel`, { reason: 'a mistake in it' })
  await rounds()
  await world.ok(world.platform, `${path}/notices`, { audience: 'persons', omit: true, reason: 'sealed' })
  expect(await noted()).toEqual([])
})

/** Each commit after `left` fails as if the process had been killed before it. */
function killedAfter(left: number, store: VaultStore): VaultStore {
  return {
    ...store,
    commit: (...list) => (left-- > 0 ? store.commit(...list) : Promise.reject(new Error('killed'))),
  }
}

/** A vault that would finish a notice first and mark its clocks afterwards. */
function inTwoCommits(store: VaultStore): VaultStore {
  const isOfNotice = ({ type }: Change) => type === 'notice.put' || type.startsWith('delivery.')
  return {
    ...store,
    async commit(tenant, changes, mark) {
      if (!changes.some(({ type }) => type === 'incident.put')) return store.commit(tenant, changes, mark)
      await store.commit(tenant, changes.filter(isOfNotice), mark)
      await store.commit(
        tenant,
        changes.filter((one) => !isOfNotice(one)),
      )
    },
  }
}

async function killedAt(commits: number, as: (store: VaultStore) => VaultStore) {
  const leak = await leaked()
  const id = await leak.approve({ ...TO_PERSONS, channel: 'page' })
  const { vault } = leak.world
  const whole = vault.store
  vault.store = as(killedAfter(commits, whole))
  for (let round = 0; round < 4; round++) await sendNotices(vault).catch(() => undefined)
  vault.store = whole
  const left = (await leak.notice(id)).state
  await leak.rounds(4)
  return { noted: await leak.noted(), left, state: (await leak.notice(id)).state }
}

test('killed before or after any commit of a sending, its clocks are met, once', async () => {
  const met = [`clock_met ${PIPL}`]
  const before: string[] = []
  for (const commits of [0, 1, 2]) {
    const { left, ...end } = await killedAt(commits, (store) => store)
    before.push(left)
    expect(end).toEqual({ noted: met, state: 'sent' })
  }
  expect(before).toEqual(['approved', 'sending', 'sent'])
})

test('(control) a vault that would mark after finishing loses the clock to a kill in between', async () => {
  expect(await killedAt(2, inTwoCommits)).toEqual({ noted: [], left: 'sent', state: 'sent' })
})

test('an incident that moves while a notice is finished keeps both what it moved to and the mark', async () => {
  const { world, path, approve, clock, notice, rounds } = await leaked()
  const id = await approve({ ...TO_PERSONS, channel: 'page' })
  const whole = world.vault.store
  let moved = false
  world.vault.store = {
    ...whole,
    async commit(tenant, changes, mark) {
      if (!moved && changes.some(({ type }) => type === 'incident.put')) {
        moved = true
        world.vault.store = whole
        await world.ok(world.platform, `${path}/assess`, { severity: 'critical' })
      }
      return whole.commit(tenant, changes, mark)
    },
  }
  await sendNotices(world.vault)
  expect(moved).toBe(true)
  expect((await notice(id)).state).toBe('sending')
  await rounds(2)
  expect((await notice(id)).state).toBe('sent')
  expect((await clock(PIPL)).met).toMatchObject({ notice: id })
  expect((await world.ok(world.platform, path)).body.severity).toBe('critical')
})

test('what somebody said first stays, and what somebody has taken back stays taken back', async () => {
  const { world, path, approve, clock, noted, rounds } = await leaked()
  const at = new Date(world.now()).toISOString()
  await world.ok(world.platform, `${path}/clocks/met`, { rules: [PIPL], at, note: 'by telephone' })
  await approve(TO_PERSONS)
  await rounds()
  expect((await clock(PIPL)).met).toMatchObject({ at, notice: null, reason: 'by telephone' })
  await world.ok(world.platform, `${path}/clocks/reopened`, { rules: [PIPL], reason: 'it was another' })
  await rounds()
  expect(await noted()).toEqual([`clock_met ${PIPL}`, `clock_reopened ${PIPL}`])
})

test('a draft shows which clocks it meets and could, and each edit of them is a version of its own', async () => {
  const { world, draft, notice } = await leaked({ persons: { DE: 2 } })
  const { body } = await draft({ audience: 'authority', jurisdiction: 'EU', to: ['dpa@example.eu'] })
  expect(body).toMatchObject({ version: 1, meets: [GDPR] })
  expect((await notice(body.id)).could_meet).toEqual([GDPR])
  const edited = await world.call(world.platform, `/v1/notices/${body.id}`, {
    method: 'PATCH',
    body: { meets: [] },
  })
  expect(edited.body).toMatchObject({ version: 2, meets: [], to: ['dpa@example.eu'] })
  const other = { words: { en: { subject: 's', text: 't' } } }
  const kept = await world.call(world.platform, `/v1/notices/${body.id}`, { method: 'PATCH', body: other })
  expect(kept.body).toMatchObject({ version: 3, meets: [] })
})

test.each([
  [{ audience: 'persons', jurisdiction: 'EU', meets: ['eu-gdpr-34', GDPR] }, '/meets/1', 'wrong_audience'],
  [{ audience: 'authority', jurisdiction: 'KR', meets: [GDPR] }, '/meets/0', 'wrong_jurisdiction'],
  [{ audience: 'persons', jurisdiction: 'unknown', meets: [PIPL] }, '/meets/0', 'wrong_jurisdiction'],
  [
    { audience: 'authority', jurisdiction: 'AU', meets: ['au-ndb-assessment'] },
    '/meets/0',
    'met_by_assessment',
  ],
  [{ audience: 'partners', meets: ['eu-gdpr-34'] }, '/meets/0', 'wrong_audience'],
  [{ audience: 'authority', meets: ['no-such-rule'] }, '/meets/0', 'invalid'],
])('%j is refused at %s: %s', async (body, pointer, code) => {
  const { world, draft } = await leaked()
  expectProblem(await draft(body), 'invalid_request', [{ pointer, code }])
  const { meets, ...rest } = body
  const { id } = (await draft(rest)).body
  const patch = await world.call(world.platform, `/v1/notices/${id}`, { method: 'PATCH', body: { meets } })
  expectProblem(patch, 'invalid_request', [{ pointer, code }])
})

test('lateness is reckoned from the sending, not from the end of the last try', async () => {
  const { world, answers, approve, clock, rounds, subjects } = await leaked({ persons: { KR: 2 } })
  const rule = 'kr-pipa-34-individuals'
  expect((await clock(rule)).due_at).not.toBeNull()
  answers(({ subject }) => (subject === subjects[0] ? { result: 'sent' } : { result: 'later', code: '451' }))
  const id = await approve({ audience: 'persons', meets: [rule] })
  await rounds(2)
  answers(() => ({ result: 'failed', code: '554' }))
  world.pass(6 * DAY_MS)
  expect((await clock(rule)).state).toBe('late')
  await rounds()
  expect(await clock(rule)).toMatchObject({ state: 'met', late_s: 0, met: { notice: id } })
})
