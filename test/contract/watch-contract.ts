import { expect, test } from 'vitest'
import { timedId } from '../../src/core/id.ts'
import { after } from '../../src/core/time.ts'
import { sealEvent } from '../../src/vault/audit/event.ts'
import type { Hold } from '../../src/vault/watch/hold.ts'
import { DEFAULT_SETTINGS } from '../../src/vault/watch/settings.ts'
import type { Signal } from '../../src/vault/watch/signal.ts'
import { ACME, AT, OTHER, newId, random } from '../storage/sample.ts'
import { outcome, stocked } from './fixture.ts'
import type { OpenStore } from './store-contract.ts'

function signal(more: Partial<Signal> = {}): Signal {
  return {
    id: timedId('sig', random, AT),
    detector: 'pace',
    code: 'pace_credential',
    figures: { persons: 90, limit: 80 },
    severity: 'high',
    state: 'open',
    about: newId.credential(),
    implicated: { operator: newId.operator() },
    evidence: [newId.event()],
    count: 1,
    firstAt: AT,
    lastAt: AT,
    actions: ['alert'],
    hold: null,
    incident: null,
    alerts: [],
    event: newId.event(),
    settled: null,
    version: 1,
    ...more,
  }
}

function hold(more: Partial<Hold> = {}): Hold {
  return {
    id: timedId('hld', random, AT),
    suspect: newId.credential(),
    mode: 'stop',
    signal: null,
    placedBy: newId.credential(),
    placedAt: AT,
    until: null,
    event: newId.event(),
    clearedAt: null,
    clearedBy: null,
    clearedEvent: null,
    version: 1,
    ...more,
  }
}

export function watchContract(openStore: OpenStore): void {
  test('a hold counts until its moment and not at it; one that slows stops nobody', async () => {
    const { store, world } = await stocked(openStore)
    const suspects = [world.merchant]
    const [one, two] = [hold().id, hold().id]
    const until = after(AT, 10)
    await store.commit(ACME, [
      { type: 'hold.put', holder: one, suspects, mode: 'stop', until },
      { type: 'hold.put', holder: two, suspects, mode: 'slow', until: null },
    ])
    const held = (ms: number) => store.findHolds(ACME, suspects, after(AT, ms))
    expect((await held(9)).map(({ holder }) => holder).toSorted()).toEqual([one, two].toSorted())
    expect((await held(10)).map(({ holder }) => holder)).toEqual([two])
    expect(await outcome(store, [{ type: 'expect.unheld', suspects, at: after(AT, 9) }])).toBe('conflict')
    expect(await outcome(store, [{ type: 'expect.unheld', suspects, at: after(AT, 10) }])).toBe('kept')
  })

  test('holds are listed newest first, found when their time has come, and not once they were cleared', async () => {
    const { store } = await stocked(openStore)
    const [open, ends] = [hold(), hold({ until: after(AT, 10) })]
    await store.commit(ACME, [
      { type: 'risk_hold.insert', hold: open },
      { type: 'risk_hold.insert', hold: ends },
    ])
    expect(await store.nextHoldEnd()).toBe(after(AT, 10))
    expect(await store.listEndedHolds(after(AT, 9), 10)).toEqual([])
    expect(await store.listEndedHolds(after(AT, 10), 10)).toEqual([{ tenant: ACME, id: ends.id }])
    const cleared = { ...ends, clearedAt: after(AT, 11), clearedEvent: newId.event() }
    const put = { type: 'risk_hold.put', hold: cleared, expectedVersion: 1 } as const
    expect(await outcome(store, [put])).toBe('kept')
    expect(await outcome(store, [put])).toBe('conflict')
    expect(await store.findHold(ACME, ends.id)).toEqual({ ...cleared, version: 2 })
    expect([await store.listEndedHolds(after(AT, 99), 10), await store.nextHoldEnd()]).toEqual([
      [],
      undefined,
    ])
    expect((await store.listHolds(ACME, { active: true }, { limit: 10 })).rows).toEqual([open])
    expect((await store.listHolds(ACME, { active: false }, { limit: 1 })).next).not.toBeNull()
    expect(await store.findHold(OTHER, open.id)).toBeUndefined()
  })

  test('a signal is put only over the version that was read, and found by what it is about', async () => {
    const { store } = await stocked(openStore)
    const about = newId.credential()
    const [old, newer, whole] = [
      signal({ about }),
      signal({ about, lastAt: after(AT, 5) }),
      signal({ about: null }),
    ]
    await store.commit(ACME, [
      ...[newer, old, whole].map((one) => ({ type: 'signal.insert', signal: one }) as const),
    ])
    expect(await store.listSignalsAbout(ACME, 'pace', about, 9)).toEqual([newer, old])
    expect(await store.listSignalsAbout(ACME, 'pace', null, 9)).toEqual([whole])
    expect(await store.listSignalsAbout(OTHER, 'pace', about, 9)).toEqual([])
    const settled = { by: newId.credential(), at: AT, event: newId.event() }
    const put = {
      type: 'signal.put',
      signal: { ...old, state: 'dismissed', settled },
      expectedVersion: 1,
    } as const
    expect([await outcome(store, [put]), await outcome(store, [put])]).toEqual(['kept', 'conflict'])
    expect(await store.findSignal(ACME, old.id)).toEqual({ ...old, state: 'dismissed', settled, version: 2 })
    expect((await store.listSignals(ACME, { state: 'dismissed' }, { limit: 9 })).rows).toHaveLength(1)
    expect((await store.listSignals(ACME, { detector: 'nose' }, { limit: 9 })).rows).toEqual([])
  })

  test('alerts are found when they are due, over all tenants', async () => {
    const { store } = await stocked(openStore)
    const queued = {
      channel: 'webhook',
      state: 'queued',
      attempts: 0,
      nextAt: after(AT, 5),
      code: null,
    } as const
    const due = signal({ alerts: [queued] })
    await store.commit(ACME, [
      { type: 'signal.insert', signal: due },
      { type: 'signal.insert', signal: signal({ alerts: [{ ...queued, state: 'sent', nextAt: null }] }) },
    ])
    expect(await store.nextAlert()).toBe(after(AT, 5))
    expect(await store.listDueAlerts(after(AT, 4), 9)).toEqual([])
    expect(await store.listDueAlerts(after(AT, 5), 9)).toEqual([{ tenant: ACME, id: due.id }])
  })

  test('a step of the watch is whole: where it is, what it knows and what it found, once', async () => {
    const { store } = await stocked(openStore)
    const id = newId.event()
    const sealed = sealEvent(ACME, { id, at: AT, type: 'reveal.denied', actor: 'party' }, random)
    await store.commit(ACME, [{ type: 'event.append', event: sealed }])
    expect(await store.listWatchesBehind(9)).toEqual([ACME])
    const { size: cursor } = await store.logHead(ACME)
    const cells = ['a', 'b'].map((key) => ({ key, state: { key }, at: AT }))
    const step = { type: 'watch.step', cursor, expectedVersion: 0, cells } as const
    const found = { type: 'signal.insert', signal: signal() } as const
    expect([await outcome(store, [step, found]), await outcome(store, [step, found])]).toEqual([
      'kept',
      'conflict',
    ])
    expect(await store.findWatch(ACME)).toMatchObject({ cursor, version: 1, settings: null })
    expect((await store.listSignals(ACME, {}, { limit: 9 })).rows).toHaveLength(1)
    expect(await store.listWatchesBehind(9)).toEqual([])
    const more = [
      { key: 'a', state: null, at: AT },
      { key: 'b', state: { key: 'c' }, at: after(AT, 1) },
    ]
    await store.commit(ACME, [{ ...step, expectedVersion: 1, cells: more }])
    expect(await store.findWatchCells(ACME, ['a', 'b', 'c'])).toEqual([more[1]])
    expect(await store.findWatchCells(OTHER, ['b'])).toEqual([])
    expect(await store.listStaleCells(ACME, after(AT, 1), 9)).toEqual([])
    expect(await store.listStaleCells(ACME, after(AT, 2), 9)).toEqual(['b'])
  })

  test('settings are set over what was read, beside the steps', async () => {
    const { store } = await stocked(openStore)
    const set = { type: 'watch.set_settings', settings: DEFAULT_SETTINGS, expectedVersion: 0 } as const
    expect([await outcome(store, [set]), await outcome(store, [set])]).toEqual(['kept', 'conflict'])
    await store.commit(ACME, [{ type: 'watch.step', cursor: 0, expectedVersion: 0, cells: [] }])
    expect(await store.findWatch(ACME)).toMatchObject({
      settings: DEFAULT_SETTINGS,
      settingsVersion: 1,
      version: 1,
    })
  })
}
