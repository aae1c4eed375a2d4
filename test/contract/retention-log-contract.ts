import { describe, expect, test } from 'vitest'
import { instant } from '../../src/core/time.ts'
import type { Instant } from '../../src/core/time.ts'
import type { Change } from '../../src/vault/changes.ts'
import type { EventKind } from '../../src/vault/retention/policy.ts'
import type { Due, VaultStore } from '../../src/vault/store.ts'
import { ACME, AT, OTHER, append, event, random } from '../storage/sample.ts'
import { opened, outcome } from './fixture.ts'
import { LATER, newWorld, remove } from './retention-contract.ts'
import type { OpenStore } from './store-contract.ts'

/** What a commit of log.integrate leaves behind, as far as retention is concerned. */
function cover(from: number, size: number): Change {
  const state = { origin: 'vault.test/log', size, root: random(32), checkpoint: 'note', madeAt: AT }
  return { type: 'log.integrate', expectedSize: from, state, tiles: [] }
}

const LOOKS = { kind: 'disclosure_events', before: AT, types: ['reveal.allowed'] } as const

/** A log of looks, at the times given, of one person and a courier. */
async function withLog(store: VaultStore, times: readonly number[], covered = times.length) {
  const { world, person } = await newWorld(store, ACME)
  const about = { subject: person.subject.id, party: world.courier }
  const looks = times.map((at) => event({ type: 'reveal.allowed', ...about, at: instant(at) }))
  await store.commit(
    ACME,
    looks.map((one): Change => ({ type: 'event.append', event: one })),
  )
  // The person's own event came first.
  await store.commit(ACME, [cover(0, covered + 1)])
  return { world, person, looks }
}

export function retentionLogContract(openStore: OpenStore): void {
  describe('retention of the log', () => {
    test('an event that is removed answers like none; the tree’s leaves and all other events are as they were', async () => {
      const { store } = await opened(openStore)
      const { world, person, looks } = await withLog(store, [AT - 2, AT - 1, AT, AT + 1])
      const [hashes, head] = [await store.listLeafHashes(ACME, 0, 99), await store.logHead(ACME)]
      const all = await store.listEvents(ACME, { order: 'oldest' }, { limit: 99 })
      const due = await store.listDue(ACME, LOOKS, 99)
      // The person's own event is of another type and of AT itself: nothing is passed over that is too young.
      expect(due).toEqual({ keys: [], walk: null, more: false })
      const later = { ...LOOKS, before: instant(AT + 1) }
      const found = await store.listDue(ACME, later, 99)
      expect(found).toEqual({ keys: ['1', '2', '3'], walk: { from: 0, to: 4 }, more: false })
      await store.commit(ACME, [remove(later.kind, found, later.before)])
      expect(await store.listLeafHashes(ACME, 0, 99)).toEqual(hashes)
      expect(await store.logHead(ACME)).toEqual(head)
      const left = all.rows.filter(({ index }) => index === 0 || index === 4)
      for (const order of ['oldest', 'newest'] as const) {
        const rows = order === 'oldest' ? left : left.toReversed()
        for (const filter of [
          {},
          { subject: person.subject.id },
          { types: ['reveal.allowed', 'subject.stored'] },
        ] as const) {
          expect((await store.listEvents(ACME, { ...filter, order }, { limit: 99 })).rows).toEqual(rows)
        }
      }
      const seen = await store.listEvents(ACME, { party: world.courier, order: 'oldest' }, { limit: 99 })
      expect(seen.rows).toEqual(left.slice(1))
      for (const one of looks.slice(0, 3)) expect(await store.findEvent(ACME, one.event.id)).toBeUndefined()
      expect(await store.findEvent(ACME, looks[3]!.event.id)).toEqual(left[1])
    })

    test('pages are full and complete across a long stretch of removed events', async () => {
      const { store } = await opened(openStore)
      const { world, looks } = await withLog(
        store,
        Array.from({ length: 700 }, (_, i) => AT - 1_000 + i),
      )
      await store.commit(ACME, [append({ at: AT }), append({ at: AT })])
      const query = { ...LOOKS, before: instant(AT + 1) }
      await store.commit(ACME, [remove(query.kind, await store.listDue(ACME, query, 700), query.before)])
      const page = await store.listEvents(ACME, { order: 'oldest' }, { limit: 2 })
      expect(page.rows.map(({ index }) => index)).toEqual([0, ...(page.rows.length > 1 ? [701] : [])])
      const indexes: number[] = []
      for (let after: string | null | undefined; after !== null;) {
        const next = await store.listEvents(ACME, { order: 'oldest' }, { limit: 2, ...(after && { after }) })
        indexes.push(...next.rows.map(({ index }) => index))
        after = next.next
      }
      expect(indexes).toEqual([0, 701, 702])
      expect(
        (await store.listEvents(ACME, { party: world.courier, order: 'newest' }, { limit: 9 })).rows,
      ).toEqual([])
      expect(looks).toHaveLength(700)
    })

    test('a log is gone through once, in its order, by each kind for itself', async () => {
      const { store } = await opened(openStore)
      await withLog(store, [AT, AT + 1, AT + 2, AT + 3])
      const all = { ...LOOKS, before: LATER }
      const first = await store.listDue(ACME, all, 2)
      expect(first).toEqual({ keys: ['1', '2'], walk: { from: 0, to: 3 }, more: true })
      await store.commit(ACME, [remove(all.kind, first, LATER)])
      expect(await store.listOldest('disclosure_events')).toEqual([{ tenant: ACME, since: AT + 2 }])
      expect(await store.listOldest('other_events')).toEqual([{ tenant: ACME, since: AT }])
      const second = await store.listDue(ACME, all, 2)
      expect(second).toEqual({ keys: ['3', '4'], walk: { from: 3, to: 5 }, more: true })
      await store.commit(ACME, [remove(all.kind, second, LATER)])
      expect(await store.listDue(ACME, all, 2)).toEqual({ keys: [], walk: null, more: false })
      const others = { kind: 'other_events', before: LATER, types: ['subject.stored'] } as const
      expect(await store.listDue(ACME, others, 9)).toEqual({
        keys: ['0'],
        walk: { from: 0, to: 5 },
        more: false,
      })
      expect(await store.listOldest('disclosure_events')).toEqual([])
    })

    test('nothing is removed that no checkpoint covers', async () => {
      const { store, dump } = await opened(openStore)
      await withLog(store, [AT, AT + 1, AT + 2], 1)
      const all = { ...LOOKS, before: LATER }
      expect(await store.listDue(ACME, all, 9)).toEqual({
        keys: ['1'],
        walk: { from: 0, to: 2 },
        more: false,
      })
      const before = await dump()
      const beyond = { keys: ['1', '2'], walk: { from: 0, to: 3 }, more: false }
      expect(await outcome(store, [remove(all.kind, beyond, LATER)])).toBe('conflict')
      expect(await dump()).toEqual(before)
      await store.commit(ACME, [cover(2, 4)])
      expect(await outcome(store, [remove(all.kind, beyond, LATER)])).toBe('kept')
    })

    test.each<[string, Partial<Due>, Instant]>([
      ['of a walk that did not follow the last', { walk: { from: 1, to: 4 } }, LATER],
      ['outside of what was walked', { walk: { from: 0, to: 2 } }, LATER],
      ['without a walk', { walk: null }, LATER],
      ['as young as the moment itself', {}, AT],
      ['that does not exist', { keys: ['1', '9'], walk: { from: 0, to: 4 } }, LATER],
    ])('no event goes %s', async (_, wrong, before) => {
      const { store, dump } = await opened(openStore)
      await withLog(store, [AT, AT + 1, AT + 2])
      const kind: EventKind = 'disclosure_events'
      const due = await store.listDue(ACME, { ...LOOKS, before: LATER }, 9)
      const stands = await dump()
      expect(await outcome(store, [remove(kind, { ...due, ...wrong }, before)])).toBe('conflict')
      expect(await outcome(store, [remove(kind, due, LATER)], OTHER)).not.toBe('kept')
      expect(await dump()).toEqual(stands)
      expect(await outcome(store, [remove(kind, due, LATER)])).toBe('kept')
      expect(await outcome(store, [remove(kind, due, LATER)])).toBe('conflict')
    })
  })
}
