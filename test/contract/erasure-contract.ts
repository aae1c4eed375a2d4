import { describe, expect, test } from 'vitest'
import type { Change } from '../../src/vault/changes.ts'
import { ACME, AT, dataKey, random, storePerson, subject } from '../storage/sample.ts'
import { outcome, stocked } from './fixture.ts'
import type { OpenStore } from './store-contract.ts'

type Dump = Record<string, unknown[]>

/** Per table, how many rows of `before` are not in `after` as they were. */
function changed(before: Dump, after: Dump): Record<string, number> {
  const counts = Object.entries(before).map(([table, rows]) => {
    const kept = new Set((after[table] ?? []).map((row) => JSON.stringify(row)))
    return [table, rows.filter((row) => !kept.has(JSON.stringify(row))).length] as const
  })
  return Object.fromEntries(counts.filter(([, count]) => count > 0))
}

function note(about: string): Change {
  const id = about as `sub_${string}`
  return { type: 'note.insert', about: id, subject: id, sealed: random(60), at: AT }
}

export function erasureContract(openStore: OpenStore): void {
  describe('erasure', () => {
    test('erasing one person changes nothing that belongs to another', async () => {
      const { store, world, person, dump } = await stocked(openStore)
      const neighbour = storePerson(world.merchant, 'customer-2')
      await store.commit(ACME, [...neighbour.changes, note(person.subject.id), note(neighbour.subject.id)])
      const before = await dump()
      const theirs = await store.findPerson(ACME, neighbour.subject.id)
      await store.commit(ACME, [{ type: 'subject.erase', id: person.subject.id, expectedVersion: 1, at: AT }])
      const after = await dump()
      expect(changed(before, after)).toEqual({ subjects: 1, data_keys: 1, fields: 4, notes: 1 })
      expect(changed(after, before)).toEqual({ subjects: 1, data_keys: 1 })
      expect(await store.findPerson(ACME, neighbour.subject.id)).toEqual(theirs)
      expect(await store.listNotes(ACME, neighbour.subject.id)).toHaveLength(1)
    })

    test('what is left is an empty row under an id that is taken', async () => {
      const { store, world, person } = await stocked(openStore)
      const { id } = person.subject
      await store.commit(ACME, [
        note(id),
        { type: 'subject.erase', id, expectedVersion: 1, at: AT },
        { type: 'tokens.retire', subject: id, party: null, expected: 4, at: AT },
        { type: 'grant.revoke', id: person.grant.id, expectedVersion: 1, at: AT },
      ])
      expect(await store.findPerson(ACME, id)).toEqual({
        subject: {
          ...person.subject,
          externalRef: null,
          locale: null,
          jurisdiction: null,
          state: 'erased',
          version: 2,
          updatedAt: AT,
          erasedAt: AT,
        },
        dataKey: null,
        fields: [],
      })
      expect(await store.findPersonsByRef(ACME, world.merchant, ['customer-1'])).toEqual([])
      expect(await store.listNotes(ACME, id)).toEqual([])
      expect(await store.listTokensOf(ACME, [id], null)).toEqual([])
      const again: Change = { type: 'subject.insert', subject: person.subject, dataKey: dataKey() }
      expect(await outcome(store, [again])).toBe('conflict')
      const sameRef = subject(world.merchant, 'customer-1')
      expect(await outcome(store, [{ type: 'subject.insert', subject: sameRef, dataKey: dataKey() }])).toBe(
        'kept',
      )
      expect(await outcome(store, [{ type: 'subject.erase', id, expectedVersion: 2, at: AT }])).toBe(
        'conflict',
      )
    })
  })
}
