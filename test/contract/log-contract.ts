import { describe, expect, test } from 'vitest'
import { instant } from '../../src/core/time.ts'
import type { StoredEvent } from '../../src/vault/audit/event.ts'
import type { Change } from '../../src/vault/changes.ts'
import type { EventFilter, VaultStore } from '../../src/vault/store.ts'
import { ACME, AT, OTHER, append, dataKey, event, newId, newTenant, subject } from '../storage/sample.ts'
import { opened, outcome } from './fixture.ts'
import type { OpenStore } from './store-contract.ts'

async function wholeList(store: VaultStore, filter: EventFilter, limit: number): Promise<StoredEvent[]> {
  const rows: StoredEvent[] = []
  let after: string | undefined
  for (;;) {
    const listed = await store.listEvents(ACME, filter, after === undefined ? { limit } : { limit, after })
    rows.push(...listed.rows)
    expect(listed.rows.length).toBeLessThanOrEqual(limit)
    if (listed.next === null) return rows
    after = listed.next
  }
}

export function logContract(openStore: OpenStore): void {
  describe('log', () => {
    test('indexes are without a gap, per tenant, whatever fails in between', async () => {
      const { store } = await opened(openStore)
      await store.commit(ACME, newTenant(ACME).changes)
      await store.commit(OTHER, newTenant(OTHER).changes)
      const doomed = { type: 'expect.grant', id: newId.grant(), version: 1 } as const
      await Promise.all(
        Array.from({ length: 200 }, (_, i) => {
          const tenant = i % 2 === 0 ? ACME : OTHER
          const events = Array.from({ length: 1 + (i % 4) }, () => append())
          return outcome(store, i % 5 === 0 ? [...events, doomed] : events, tenant)
        }),
      )
      const size = { [ACME]: 0, [OTHER]: 0 }
      for (const tenant of [ACME, OTHER]) {
        const { rows } = await store.listEvents(tenant, { order: 'oldest' }, { limit: 1_000 })
        expect(rows.map(({ index }) => index)).toEqual(rows.map((_, i) => i))
        expect(await store.logHead(tenant)).toEqual({ size: rows.length, lastAt: AT })
        size[tenant] = rows.length
      }
      expect(size[ACME]! + size[OTHER]!).toBe(400)
    })

    test('an event comes back as it was committed', async () => {
      const { store } = await opened(openStore)
      await store.commit(ACME, newTenant(ACME).changes)
      expect(await store.logHead(ACME)).toEqual({ size: 0, lastAt: null })
      const person = subject('platform')
      const sealed = event({ subject: person.id, party: newId.courier(), at: instant(AT + 5) })
      await store.commit(ACME, [
        { type: 'subject.insert', subject: person, dataKey: dataKey() },
        { type: 'event.append', event: sealed },
      ])
      const stored = await store.findEvent(ACME, sealed.event.id)
      expect(stored).toEqual({
        index: 0,
        id: sealed.event.id,
        at: AT + 5,
        bytes: sealed.bytes,
        leafHash: sealed.leafHash,
        subject: sealed.event.subject,
        subjectSalt: sealed.subjectSalt,
      })
      expect(await store.findEvent(ACME, newId.event())).toBeUndefined()
      expect(await store.logHead(ACME)).toEqual({ size: 1, lastAt: AT + 5 })
    })

    test('an event about a person who is not there is not taken, about an erased one it is', async () => {
      const { store } = await opened(openStore)
      await store.commit(ACME, newTenant(ACME).changes)
      const person = subject('platform')
      await store.commit(ACME, [{ type: 'subject.insert', subject: person, dataKey: dataKey() }])
      expect(await outcome(store, [append({ subject: newId.subject() })], ACME)).toBe('conflict')
      await store.commit(ACME, [
        { type: 'subject.erase', id: person.id, expectedVersion: 1, at: AT },
        append({ subject: person.id }),
      ])
      const undone = subject('platform')
      const list: Change[] = [
        { type: 'subject.insert', subject: undone, dataKey: dataKey() },
        append({ subject: undone.id }),
        { type: 'expect.grant', id: newId.grant(), version: 1 },
      ]
      expect(await outcome(store, list, ACME)).toBe('conflict')
      const other = subject('platform')
      await store.commit(ACME, [
        { type: 'subject.insert', subject: other, dataKey: dataKey() },
        append({ subject: other.id }),
      ])
      const { rows } = await store.listEvents(ACME, { order: 'oldest' }, { limit: 9 })
      expect(rows.map((row) => row.subject)).toEqual([person.id, other.id])
      expect(await outcome(store, [append({ subject: undone.id })], ACME)).toBe('conflict')
    })

    test('filters agree with a plain scan, whatever the page size and the order', async () => {
      const { store } = await opened(openStore)
      await store.commit(ACME, newTenant(ACME).changes)
      const persons = [subject('platform'), subject('platform')]
      const subjects = persons.map(({ id }) => id)
      const parties = [newId.courier(), newId.merchant()]
      const types = ['reveal.allowed', 'reveal.denied', 'person.viewed'] as const
      const sealed = Array.from({ length: 120 }, (_, i) =>
        event({
          at: instant(AT + i * 600_000),
          type: types[i % 3]!,
          ...(i % 4 === 0 ? {} : { subject: subjects[i % 2]! }),
          ...(i % 5 === 0 ? {} : { party: parties[i % 2]! }),
        }),
      )
      await store.commit(ACME, [
        ...persons.map((one): Change => ({ type: 'subject.insert', subject: one, dataKey: dataKey() })),
        ...sealed.map((one): Change => ({ type: 'event.append', event: one })),
      ])
      const filters: Omit<EventFilter, 'order'>[] = [
        {},
        { subject: subjects[1]! },
        { party: parties[0]! },
        { types: ['reveal.denied'] },
        { subject: subjects[0]!, types: ['reveal.allowed', 'person.viewed'] },
        { from: instant(AT + 3_000_000), to: instant(AT + 30_000_000) },
        { party: parties[1]!, from: instant(AT + 600_001) },
        { to: instant(AT) },
        { subject: newId.subject() },
      ]
      for (const filter of filters) {
        const expected = sealed
          .filter(({ event: { subject, party, type, at } }) =>
            [
              filter.subject === undefined || filter.subject === subject,
              filter.party === undefined || filter.party === party,
              filter.types === undefined || filter.types.includes(type),
              filter.from === undefined || at >= filter.from,
              filter.to === undefined || at < filter.to,
            ].every(Boolean),
          )
          .map((one) => one.event.id)
        for (const limit of [1, 7, 500]) {
          const oldest = await wholeList(store, { ...filter, order: 'oldest' }, limit)
          expect(oldest.map(({ id }) => id)).toEqual(expected)
          const newest = await wholeList(store, { ...filter, order: 'newest' }, limit)
          expect(newest.map(({ id }) => id)).toEqual([...expected].toReversed())
        }
      }
    })

    test('a page stays where it was when events are added, and a foreign cursor is refused', async () => {
      const { store } = await opened(openStore)
      await store.commit(ACME, newTenant(ACME).changes)
      await store.commit(
        ACME,
        Array.from({ length: 10 }, () => append()),
      )
      const first = await store.listEvents(ACME, { order: 'newest' }, { limit: 4 })
      await store.commit(
        ACME,
        Array.from({ length: 5 }, () => append()),
      )
      const second = await store.listEvents(ACME, { order: 'newest' }, { limit: 4, after: first.next! })
      expect([...first.rows, ...second.rows].map(({ index }) => index)).toEqual([9, 8, 7, 6, 5, 4, 3, 2])
      const foreign = store.listEvents(ACME, { order: 'newest' }, { limit: 4, after: `1' or 1=1` })
      await expect(foreign).rejects.toMatchObject({ code: 'invalid_request' })
    })
  })
}
