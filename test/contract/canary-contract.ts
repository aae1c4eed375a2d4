import { expect, test } from 'vitest'
import type { PartyId, SubjectId } from '../../src/core/id.ts'
import { after } from '../../src/core/time.ts'
import { sealEvent } from '../../src/vault/audit/event.ts'
import type { AuditEvent } from '../../src/vault/audit/event.ts'
import type { Canary } from '../../src/vault/canaries/canary.ts'
import type { Change } from '../../src/vault/changes.ts'
import { ACME, AT, OTHER, newId, random } from '../storage/sample.ts'
import { outcome, stocked } from './fixture.ts'
import type { OpenStore } from './store-contract.ts'

function append(more: Partial<AuditEvent> = {}): Change {
  const event: AuditEvent = { id: newId.event(), at: AT, type: 'mask.shown', actor: 'party', ...more }
  return { type: 'event.append', event: sealEvent(ACME, event, random) }
}

function canary(subject: SubjectId, party: PartyId): Canary {
  return {
    subject,
    party: party as Canary['party'],
    plantedAt: AT,
    retiredAt: null,
    touches: 0,
    touchedAt: null,
  }
}

export function canaryContract(openStore: OpenStore): void {
  test('a canary is found, counted and retired, and only in its tenant', async () => {
    const { store, world, person } = await stocked(openStore)
    const { subject } = person
    const made = canary(subject.id, world.merchant)
    expect(await store.listCanaryWalks()).toEqual([])
    await store.commit(ACME, [{ type: 'canary.insert', canary: made }])
    expect(await store.findCanary(ACME, subject.id)).toEqual(made)
    expect(await store.findCanary(OTHER, subject.id)).toBeUndefined()
    expect(await store.whichCanaries(ACME, [subject.id, newId.subject()])).toEqual([subject.id])
    expect(await store.whichCanaries(OTHER, [subject.id])).toEqual([])
    expect(await store.whichCanaries(ACME, [])).toEqual([])
    expect(await store.listCanaryWalks()).toEqual([{ tenant: ACME, walked: 0 }])
    const at = after(AT, 5)
    await store.commit(ACME, [{ type: 'canary.touched', subject: subject.id, count: 3, at }])
    await store.commit(ACME, [{ type: 'canary.touched', subject: subject.id, count: 2, at }])
    await store.commit(ACME, [{ type: 'canary.retire', subject: subject.id, at }])
    const retired = { ...made, touches: 5, touchedAt: at, retiredAt: at }
    expect(await store.listCanaries(ACME, {}, { limit: 9 })).toEqual({ rows: [retired], next: null })
    expect((await store.listCanaries(OTHER, {}, { limit: 9 })).rows).toEqual([])
    expect(await store.whichCanaries(ACME, [subject.id])).toEqual([])
    expect(await outcome(store, [{ type: 'canary.retire', subject: subject.id, at }])).toBe('conflict')
    const nobodys = canary(newId.subject(), world.merchant)
    expect(await outcome(store, [{ type: 'canary.insert', canary: nobodys }])).toBe('conflict')
  })

  test('a person’s facts say whether it was made up', async () => {
    const { store, world, person } = await stocked(openStore)
    const facts = async () => (await store.listPersonFacts(ACME, 0, 1_000)).map((one) => one.canary)
    const keys = async () => (await store.listCopiedKeys(ACME, 0, 1_000)).map((one) => one.canary)
    expect(new Set([...(await facts()), ...(await keys())])).toEqual(new Set([false]))
    const made = canary(person.subject.id, world.merchant)
    await store.commit(ACME, [{ type: 'canary.insert', canary: made }])
    expect((await facts()).filter(Boolean)).toHaveLength(1)
    expect((await keys()).filter(Boolean)).toHaveLength(1)
  })

  test('events about canaries are listed between two places of the log, and the walk moves once', async () => {
    const { store, world, person } = await stocked(openStore)
    const { subject } = person
    await store.commit(ACME, [{ type: 'canary.insert', canary: canary(subject.id, world.merchant) }])
    const from = (await store.logHead(ACME)).size
    await store.commit(ACME, [
      append(),
      append({ subject: subject.id }),
      append({ subject: subject.id }),
      append(),
    ])
    const to = (await store.logHead(ACME)).size
    const listed = await store.listCanaryEvents(ACME, { from, to }, 9)
    expect(listed.map(({ index, subject: about }) => [index, about])).toEqual([
      [from + 1, subject.id],
      [from + 2, subject.id],
    ])
    expect(await store.listCanaryEvents(ACME, { from, to }, 1)).toHaveLength(1)
    expect(await store.listCanaryEvents(ACME, { from: from + 2, to }, 9)).toHaveLength(1)
    expect(await store.listCanaryEvents(ACME, { from, to: from + 1 }, 9)).toEqual([])
    expect(await store.listCanaryEvents(OTHER, { from: 0, to }, 9)).toEqual([])
    await store.commit(ACME, [{ type: 'canary.walk', from: 0, to }])
    expect(await outcome(store, [{ type: 'canary.walk', from: 0, to }])).toBe('conflict')
    expect(await store.listCanaryWalks()).toEqual([{ tenant: ACME, walked: to }])
  })

  test('a touch is kept once, and settled once', async () => {
    const { store } = await stocked(openStore)
    const touch = { event: newId.event(), subject: newId.subject(), verb: 'compare' } as const
    const { event, subject } = touch
    await store.commit(ACME, [{ type: 'canary.touch', touch }])
    await store.commit(ACME, [{ type: 'canary.touch', touch }])
    expect(await store.listCanaryTouches(ACME, 9)).toEqual([touch])
    expect(await store.listCanaryTouches(OTHER, 9)).toEqual([])
    const settle: Change = { type: 'canary.settle', event, subject }
    await store.commit(ACME, [settle])
    expect(await store.listCanaryTouches(ACME, 9)).toEqual([])
    expect(await outcome(store, [settle])).toBe('conflict')
  })
}
