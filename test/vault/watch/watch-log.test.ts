import { expect, test } from 'vitest'
import { timedId } from '../../../src/core/id.ts'
import type { PartyId, SubjectId } from '../../../src/core/id.ts'
import { HOUR_MS, instant } from '../../../src/core/time.ts'
import { sealEvent } from '../../../src/vault/audit/event.ts'
import type { AuditEvent } from '../../../src/vault/audit/event.ts'
import type { Change } from '../../../src/vault/changes.ts'
import { DETECTORS } from '../../../src/vault/watch/detectors/index.ts'
import { FLOOD } from '../../../src/vault/watch/gather.ts'
import { WatchMemory } from '../../../src/vault/watch/memory.ts'
import type { Signal } from '../../../src/vault/watch/signal.ts'
import { watchLogs } from '../../../src/vault/watch/watch-log.ts'
import { AT, dataKey as newDataKey, newId, subject as newSubject } from '../../storage/sample.ts'
import { TENANT, openVault, random } from '../keys/vault-for-tests.ts'
import type { Opened } from '../keys/vault-for-tests.ts'

const MINUTE_MS = 60_000
const PARTY: PartyId = newId.merchant()
const CREDENTIAL = newId.credential()

type Says = Partial<AuditEvent> & { ms: number }

/** A shop whose log is written as it is told, and whose people there are. */
async function opened() {
  const one = await openVault()
  const people = Array.from({ length: 150 }, (): SubjectId => newId.subject())
  const rows = people.map((id): Change => {
    const dataKey = newDataKey()
    return {
      type: 'subject.insert',
      subject: { ...newSubject('platform'), id, externalRef: id },
      dataKey,
    }
  })
  return { ...one, people, insert: () => one.vault.store.commit(TENANT, rows) }
}

async function say({ vault }: Opened, says: readonly Says[]): Promise<void> {
  const changes = says.map(({ ms, ...more }): Change => {
    const at = instant(AT + ms)
    const event: AuditEvent = {
      id: timedId('evt', random, at),
      at,
      type: 'reveal.denied',
      actor: 'party',
      party: PARTY,
      credential: CREDENTIAL,
      code: 'token_unknown',
      ...more,
    }
    return { type: 'event.append', event: sealEvent(TENANT, event, random) }
  })
  for (let i = 0; i < changes.length; i += 500) await vault.store.commit(TENANT, changes.slice(i, i + 500))
}

/** Waves of guesses by many, a day apart. */
function guesses(waves: number, of = CREDENTIAL): Says[] {
  return Array.from({ length: waves }, (_, wave) =>
    Array.from({ length: 60 }, (__, i): Says => ({ ms: wave * 30 * HOUR_MS + i * 1_000, credential: of })),
  ).flat()
}

async function signalsOf({ vault }: Opened): Promise<readonly Signal[]> {
  return (await vault.store.listSignals(TENANT, {}, { limit: 500 })).rows
}

function found({ detector, about, firstAt }: Signal): string {
  return `${detector} ${about} ${firstAt}`
}

async function settle(one: Opened): Promise<void> {
  await watchLogs(one.vault)
  one.pass(3_000)
  await watchLogs(one.vault)
}

test('whatever stops it and wherever, nothing is found twice and nothing is left out', async () => {
  const straight = await opened()
  await say(straight, guesses(20))
  await settle(straight)
  const expected = new Set((await signalsOf(straight)).map(found))
  expect(expected.size).toBe(20)

  const broken = await opened()
  let [fails, commits] = [0, 0]
  const { store } = broken.vault
  const lossy = {
    ...store,
    commit: async (...list: Parameters<typeof store.commit>) => {
      commits += 1
      // Every second commit is lost before it is made, every third answers as if it were.
      if (commits % 2 === 0) throw new Error('killed before')
      await store.commit(...list)
      if (commits % 3 === 0) throw new Error('killed after')
    },
  }
  const rest = guesses(20)
  for (let round = 0; round < 40; round++) {
    await say(broken, rest.splice(0, 50))
    // Each time another process, which knows nothing but what is stored.
    const vault = { ...broken.vault, store: lossy, watch: new WatchMemory() }
    await watchLogs(vault).catch(() => (fails += 1))
    broken.pass(3_000)
  }
  await settle(broken)
  expect(fails).toBeGreaterThan(5)
  const signals = await signalsOf(broken)
  expect([signals.length, new Set(signals.map(found))]).toEqual([20, expected])
})

test('it goes on behind what it has seen, and looks at nothing twice', async () => {
  const one = await opened()
  await say(one, guesses(1).slice(0, 20))
  await settle(one)
  expect(await signalsOf(one)).toEqual([])
  await say(one, guesses(1).slice(20, 40))
  await settle(one)
  expect(await signalsOf(one)).toMatchObject([{ figures: { refusals: 40 } }])
  const before = one.vault.watch.looked
  await settle(one)
  // Its own event alone.
  expect(one.vault.watch.looked - before).toBe(0)
})

test('a detector that throws hurts none of the others, and is seen', async () => {
  const one = await opened()
  const pace = DETECTORS.find(({ name }) => name === 'refusals')!
  const right = pace.look
  Object.assign(pace, { look: () => { throw new Error('a bug') } }) // prettier-ignore
  try {
    await one.insert()
    const looks = one.people.slice(0, 100).map((subject, i): Says => {
      const more = { operator: newId.operator(), fields: { phone: 'full' } } as const
      return { ms: i * 1_000, type: 'reveal.allowed', code: 'x', subject, ...more }
    })
    await say(one, [...guesses(1), ...looks])
    await expect(watchLogs(one.vault)).rejects.toThrow('detector refusals threw')
    one.pass(3_000)
    await watchLogs(one.vault)
    expect((await signalsOf(one)).map(({ detector }) => detector)).toEqual(['full_views'])
    expect(one.vault.watch.failures.get('refusals')).toBe(60)
  } finally {
    Object.assign(pace, { look: right })
  }
})

test('a clock that jumps, back or ahead, neither throws nor makes an alarm', async () => {
  const one = await opened()
  await one.insert()
  const looks = (from: number): Says[] =>
    one.people.slice(0, 8).map((subject, i) => {
      const more = {
        operator: 'opr_0000000000000000000000000a',
        device: 'dev_0000000000000000000000000a',
      } as const
      return { ms: from + i * MINUTE_MS, type: 'reveal.allowed', code: 'x', subject, ...more }
    })
  const [year, day] = [365 * 24 * HOUR_MS, 24 * HOUR_MS]
  await say(one, [
    ...looks(0),
    ...looks(-2 * day),
    ...looks(year),
    ...looks(day),
    ...looks(-year),
    ...looks(2 * day),
  ])
  await settle(one)
  expect([await signalsOf(one), one.vault.watch.failures.size]).toEqual([[], 0])
})

test('a flood is one signal for the rest of it, and holds nobody in particular', async () => {
  const one = await opened()
  const many = Array.from({ length: 3 * FLOOD }, () => newId.credential())
  await say(
    one,
    many.flatMap((credential) => guesses(1, credential)),
  )
  await settle(one)
  const signals = await signalsOf(one)
  expect(signals.filter(({ about }) => about !== null)).toHaveLength(FLOOD)
  const [flood, ...rest] = signals.filter(({ about }) => about === null)
  expect([flood!.code, flood!.hold, rest]).toEqual(['flood', null, []])
  expect(flood!.count).toBeGreaterThan(2 * FLOOD)
})

test('what is found a day late in a log that is caught up with holds nobody', async () => {
  const one = await opened()
  const settings = {
    actions: { all: { high: ['hold'] } },
    holdS: 60,
    maxHeldShare: 0.2,
    alertChannels: [],
    alertEmail: null,
    parameters: {},
  } as const
  await one.vault.store.commit(TENANT, [{ type: 'watch.set_settings', settings, expectedVersion: 0 }])
  await say(one, guesses(1))
  one.pass(24 * HOUR_MS)
  await settle(one)
  expect(await signalsOf(one)).toMatchObject([{ actions: ['not_held_late'], hold: null }])
})
