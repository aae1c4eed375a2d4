import { describe, expect, onTestFinished, test } from 'vitest'
import { parseId, parseTenantId } from '../../../src/core/id.ts'
import type { NoticeId } from '../../../src/core/id.ts'
import { Channels } from '../../../src/vault/incidents/notices/channel.ts'
import type { Channel, Parcel } from '../../../src/vault/incidents/notices/channel.ts'
import { isFor, messageId } from '../../../src/vault/incidents/notices/notice.ts'
import { nextAttempt, pauseUntil } from '../../../src/vault/incidents/notices/retry.ts'
import { sendNotices } from '../../../src/vault/incidents/notices/round.ts'
import { languageFor, renderWords } from '../../../src/vault/incidents/notices/words.ts'
import { issuePlatformCredential } from '../../../src/vault/principals/tenants.ts'
import type { VaultStore } from '../../../src/vault/store.ts'
import { instant } from '../../../src/core/time.ts'
import { openHarness } from '../../http/harness.ts'
import { openStore } from '../../http/open-store.ts'
import { openWorld, PERSON } from '../../http/world.ts'
import type { World } from '../../http/world.ts'

const TENANT = parseTenantId('default')!
const LEASE_MS = 5 * 60_000
const WORDS = { en: { subject: 'Your data', text: 'A key leaked.' } }

type Sent = { parcels: Parcel[]; channel: Channel }

function mailbox(): Sent {
  const parcels: Parcel[] = []
  const channel: Channel = {
    width: 3,
    async send(parcel) {
      // Others come in between, as they do on a wire.
      await new Promise((resolve) => setTimeout(resolve, 0))
      parcels.push(parcel)
      return { result: 'sent' }
    },
    close: () => Promise.resolve(),
  }
  return { parcels, channel }
}

async function approved(persons: number) {
  const box = mailbox()
  const channels = new Channels({ email: box.channel })
  const world = await openWorld(openHarness({ openStore, channels }))
  onTestFinished(() => world.close())
  const items = Array.from({ length: persons }, (_, i) => {
    return { key: `k-${i}`, external_ref: `u-${i}`, person: { ...PERSON, email: `u${i}@example.com` } }
  })
  for (let from = 0; from < persons; from += 1_000) {
    const some = items.slice(from, from + 1_000)
    const { body } = await world.ok(world.platform, '/v1/tokenize', { party: world.shop.id, items: some })
    const looks = (body.items as { key: string; tokens: { name: string } }[]).map(({ key, tokens }) => {
      return { key, token: tokens.name }
    })
    for (let at = 0; at < looks.length; at += 100) {
      await world.ok(world.shop.credential, '/v1/mask', { items: looks.slice(at, at + 100) })
    }
  }
  const opening = { title: 'x', kind: 'insider', aware_at: new Date(world.now()).toISOString() }
  const suspects = { parties: [world.shop.id] }
  const incident = (await world.ok(world.platform, '/v1/incidents', { ...opening, suspects })).body.id
  const draft = { audience: 'persons', words: WORDS }
  const { id, version } = (await world.ok(world.platform, `/v1/incidents/${incident}/notices`, draft)).body
  const { secret } = await issuePlatformCredential(world.vault, TENANT, 'second')
  await world.ok(secret.exposeSecret(), `/v1/notices/${id}/approve`, { version })
  return { world, box, id: parseId('ntc', id as string)! }
}

/** Lets `commits` commits through; each after them fails as if the process had been killed before it. */
function killedAfter(commits: number, store: VaultStore): VaultStore {
  let left = commits
  return {
    ...store,
    commit(...list) {
      if (left-- > 0) return store.commit(...list)
      return Promise.reject(new Error('killed'))
    },
  }
}

async function toTheEnd(world: World, id: NoticeId): Promise<Record<string, number>> {
  for (let round = 0; round < 50; round++) {
    await sendNotices(world.vault)
    const notice = await world.store.findNotice(TENANT, id)
    if (notice?.state === 'sent') return world.store.countDeliveries(TENANT, id)
    world.pass(LEASE_MS)
  }
  throw new Error('it never ends')
}

const PERSONS = 7

test.each(Array.from({ length: 17 }, (_, commits) => commits))(
  'killed before commit %i of a sending, nobody gets none, and twice only whose yes was not noted',
  async (commits) => {
    const { world, box, id } = await approved(PERSONS)
    const { vault } = world
    const whole = vault.store
    vault.store = killedAfter(commits, whole)
    await sendNotices(vault).catch(() => undefined)
    vault.store = whole
    const rows = await whole.listDeliveries(TENANT, id, 0, 100)
    const notice = (await whole.findNotice(TENANT, id))!
    const noted = new Set(
      rows.filter(({ state }) => state === 'sent').map((row) => messageId(notice, row.recipient)),
    )
    const inTheGap = new Set(box.parcels.map((parcel) => parcel.id).filter((sent) => !noted.has(sent)))
    expect(await toTheEnd(world, id)).toEqual({ sent: PERSONS })
    const times = Map.groupBy(box.parcels, (parcel) => parcel.id)
    expect(times.size).toBe(PERSONS)
    for (const [message, sent] of times) expect(sent).toHaveLength(inTheGap.has(message) ? 2 : 1)
    expect(new Set(box.parcels.map(({ to }) => to?.exposeSecret())).size).toBe(PERSONS)
  },
)

test('two processes that both believe that it is their turn send nothing twice', async () => {
  const { world, box, id } = await approved(40)
  for (let round = 0; round < 20; round++) {
    await Promise.all([sendNotices(world.vault), sendNotices(world.vault), sendNotices(world.vault)])
  }
  expect(await world.store.countDeliveries(TENANT, id)).toEqual({ sent: 40 })
  expect(box.parcels).toHaveLength(40)
})

test('more persons than one step enrols each get a row, and the job holds a step of them at a time', async () => {
  const { world, box, id } = await approved(1_203)
  const whole = world.vault.store
  let most = 0
  world.vault.store = {
    ...whole,
    async commit(tenant, changes, mark) {
      for (const change of changes)
        if (change.type === 'delivery.enrol') most = Math.max(most, change.rows.length)
      return whole.commit(tenant, changes, mark)
    },
  }
  expect(await toTheEnd(world, id)).toEqual({ sent: 1_203 })
  expect(new Set(box.parcels.map(({ subject }) => subject)).size).toBe(1_203)
  expect(most).toBe(500)
})

test('the contact is opened only once the event that says so is durable', async () => {
  const { world, box, id } = await approved(3)
  const whole = world.vault.store
  world.vault.store = {
    ...whole,
    async commit(tenant, changes, mark) {
      const opens = changes.some(
        (change) => change.type === 'event.append' && change.event.event.type === 'notice.contact_opened',
      )
      if (opens) throw new Error('the log cannot be written')
      return whole.commit(tenant, changes, mark)
    },
  }
  await expect(sendNotices(world.vault)).rejects.toThrow('cannot be written')
  expect(box.parcels).toEqual([])
  world.vault.store = whole
  expect(await toTheEnd(world, id)).toEqual({ sent: 3 })
})

test('a slow channel does not hold the other jobs: a round begins no attempt after five seconds', async () => {
  const { world, box, id } = await approved(30)
  const take = box.channel.send.bind(box.channel)
  box.channel.send = (parcel) => {
    world.pass(2_000)
    return take(parcel)
  }
  await sendNotices(world.vault)
  expect(box.parcels).toHaveLength(box.channel.width)
  await sendNotices(world.vault)
  expect(await toTheEnd(world, id)).toEqual({ sent: 30 })
})

test('a service that stops begins nothing new, and notes what it has begun', async () => {
  const { world, box, id } = await approved(30)
  await sendNotices(world.vault)
  const round = sendNotices(world.vault)
  await new Promise((resolve) => setTimeout(resolve, 5))
  await world.vault.channels.close()
  const { sent = 0, queued = 0 } = await world.store.countDeliveries(TENANT, id)
  await round
  expect(box.parcels).toHaveLength(sent)
  expect(sent + queued).toBe(30)
  expect((await world.store.countDeliveries(TENANT, id)).sent ?? 0).toBe(sent)
})

describe('a message', () => {
  const words = {
    en: { subject: 'To {name}', text: 'Dear {name}', html: '<b>{name}</b>' },
    'zh-Hans': { subject: '您', text: '您' },
    'pt-BR': { subject: 'P', text: 'P' },
  }

  test.each([
    ['zh-Hans-CN', 'zh-Hans'],
    ['zh-hans', 'zh-Hans'],
    ['pt-BR', 'pt-BR'],
    ['pt', 'en'],
    ['fr', 'en'],
    ['', 'en'],
    [null, 'en'],
  ])('to somebody of %s is in %s', (asked, language) => {
    expect(languageFor(words, asked)).toBe(language)
    expect(languageFor({ 'pt-BR': words['pt-BR'] }, asked)).toBe('pt-BR')
  })

  test('takes a hostile name for a name: on one line, and no markup', () => {
    const about = { subject: null, jurisdiction: null, language: 'en' }
    const name = "a\r\nBcc: b@example.com\u2028<img src=x onerror='alert(1)'>$& {name}"
    const { subject, text, html } = renderWords(words)({ ...about, name })
    expect(subject).not.toMatch(/[\p{Cc}\u2028]/u)
    expect(text).toBe("Dear a Bcc: b@example.com <img src=x onerror='alert(1)'>$& {name}")
    expect(html).toBe('<b>a Bcc: b@example.com &lt;img src=x onerror=&#39;alert(1)&#39;&gt;$&amp; {name}</b>')
    expect(renderWords(words)(about).text).toBe('Dear {name}')
  })
})

test('message ids are the same at each attempt and say nothing of each other', () => {
  const ids = Array.from({ length: 1_000 }, (_, i) => messageId({ seed: 'ab' }, i))
  expect(new Set(ids).size).toBe(1_000)
  expect(messageId({ seed: 'ab' }, 7)).toBe(ids[7])
  expect(messageId({ seed: 'ac' }, 7)).not.toBe(ids[7])
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
})

test('a wait grows to its longest, is never under half of it, and heeds what the other side asks for', () => {
  const [least, most] = [() => new Uint8Array(2), () => new Uint8Array([255, 255])]
  const now = instant(0)
  for (let attempts = 1; attempts < 40; attempts++) {
    const whole = Math.min(30_000 * 2 ** (attempts - 1), 4 * 3_600_000)
    expect(nextAttempt(attempts, now, least)).toBe(whole / 2)
    expect(nextAttempt(attempts, now, most)).toBeLessThanOrEqual(whole)
  }
  expect(nextAttempt(1, now, least, 120_000)).toBe(120_000)
  expect(nextAttempt(1, now, least, 1e12)).toBe(4 * 3_600_000)
  expect(pauseUntil(0, now, least)).toBe(500)
  expect(pauseUntil(60, now, most)).toBeLessThanOrEqual(300_000)
})

test.each([
  [null, 'DE', true],
  [null, null, true],
  ['EU', 'DE', true],
  ['EU', 'GB', false],
  ['US', 'US-CA', true],
  ['US-CA', 'US', false],
  ['KR', null, false],
  ['unknown', null, true],
  ['unknown', 'KR', false],
])('a notice for %s and a person of %s: %s', (asked, jurisdiction, expected) => {
  expect(isFor(asked, jurisdiction)).toBe(expected)
})
