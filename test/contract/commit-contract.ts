import { describe, expect, test } from 'vitest'
import { parseTenantId } from '../../src/core/id.ts'
import type { TenantId } from '../../src/core/id.ts'
import type { Change } from '../../src/vault/changes.ts'
import {
  ACME,
  AT,
  append,
  credential,
  newId,
  newTenant,
  put,
  random,
  storePerson,
  subject,
  dataKey,
} from '../storage/sample.ts'
import { opened, outcome, stocked } from './fixture.ts'
import type { Fixture } from './fixture.ts'
import type { OpenStore } from './store-contract.ts'

/** Each moves one thing that a yes can rest on, and the expectation that must then fail. */
function movesUnderAYes({ world, person, parcel }: Fixture): Record<string, { yes: Change; move: Change[] }> {
  const { id } = person.subject
  const caller = (version: number): Change => ({
    type: 'expect.caller',
    credential: world.courierCredential.id,
    party: { id: world.courier, version },
  })
  return {
    'a revoked credential': {
      yes: caller(1),
      move: [{ type: 'credential.revoke', id: world.courierCredential.id, at: AT }],
    },
    'a party suspended, seen through its credential': {
      yes: caller(1),
      move: [{ type: 'party.set_status', id: world.courier, expectedVersion: 1, status: 'suspended' }],
    },
    'a party suspended': {
      yes: { type: 'expect.party', id: world.courier, version: 1 },
      move: [{ type: 'party.set_status', id: world.courier, expectedVersion: 1, status: 'suspended' }],
    },
    'a person updated': {
      yes: { type: 'expect.subject', id, version: 1 },
      move: [{ type: 'subject.update', id, expectedVersion: 1, locale: 'en', jurisdiction: 'US', at: AT }],
    },
    'a person erased': {
      yes: { type: 'expect.subject', id, version: 1 },
      move: [{ type: 'subject.erase', id, expectedVersion: 1, at: AT }],
    },
    'a token retired': {
      yes: { type: 'expect.tokens_live', tokens: Object.values(person.tokens) },
      move: [{ type: 'tokens.retire', subject: id, party: null, expected: 4, at: AT }],
    },
    'a grant revoked': {
      yes: { type: 'expect.grant', id: parcel.grant.id, version: 1 },
      move: [{ type: 'grant.revoke', id: parcel.grant.id, expectedVersion: 1, at: AT }],
    },
    'a parcel moved on': {
      yes: { type: 'expect.shipment', id: parcel.shipment.id, version: 1 },
      move: [
        { type: 'shipment.move', id: parcel.shipment.id, expectedVersion: 1, stage: 'picked_up', at: AT },
      ],
    },
  }
}

export function commitContract(openStore: OpenStore): void {
  describe('commit', () => {
    test('a list that fails at its last change leaves every table as it was', async () => {
      const fixture = await stocked(openStore)
      const before = await fixture.dump()
      const changes = [
        ...storePerson(fixture.world.merchant).changes,
        append(),
        { type: 'expect.grant', id: newId.grant(), version: 1 } as const,
      ]
      expect(await outcome(fixture.store, changes)).toBe('conflict')
      expect(await fixture.dump()).toEqual(before)
    })

    test('what a yes rested on holds until it moves, and never after', async () => {
      for (const name of Object.keys(movesUnderAYes(await stocked(openStore)))) {
        const fixture = await stocked(openStore)
        const { yes, move } = movesUnderAYes(fixture)[name]!
        expect(await outcome(fixture.store, [yes, append()]), `before: ${name}`).toBe('kept')
        expect(await outcome(fixture.store, move), name).toBe('kept')
        expect(await outcome(fixture.store, [yes, append()]), `after: ${name}`).toBe('conflict')
        expect(await outcome(fixture.store, move), `twice: ${name}`).toBe('conflict')
      }
    })

    test('an ended session and a credential of another party are no callers', async () => {
      const { store, world, person } = await stocked(openStore)
      const session = newId.session()
      const yes: Change = { type: 'expect.session', session }
      await store.commit(ACME, [
        { type: 'session.insert', session, subject: person.subject.id, expiresAt: AT },
      ])
      expect(await outcome(store, [yes])).toBe('kept')
      await store.commit(ACME, [{ type: 'session.end', session, at: AT }])
      expect(await outcome(store, [yes])).toBe('conflict')
      const own = { type: 'expect.caller', credential: world.courierCredential.id } as const
      expect(await outcome(store, [{ ...own, party: null }])).toBe('conflict')
      expect(await outcome(store, [{ ...own, party: { id: world.merchant, version: 1 } }])).toBe('conflict')
      const platform = credential(null)
      await store.commit(ACME, [{ type: 'credential.insert', credential: platform, secretHash: random(32) }])
      expect(await outcome(store, [{ type: 'expect.caller', credential: platform.id, party: null }])).toBe(
        'kept',
      )
    })

    test('of lists committed at the same time, one that conflicts hurts no other', async () => {
      const { store, world } = await stocked(openStore)
      const lists = Array.from({ length: 30 }, (_, i) =>
        i % 3 === 0
          ? [append(), { type: 'expect.grant', id: newId.grant(), version: 1 } as const]
          : storePerson(world.merchant, `ref-${i}`).changes,
      )
      const outcomes = await Promise.all(lists.map((changes) => outcome(store, changes)))
      expect(outcomes).toEqual(lists.map((_, i) => (i % 3 === 0 ? 'conflict' : 'kept')))
      const found = await store.findPersonsByRef(
        ACME,
        world.merchant,
        lists.map((_, i) => `ref-${i}`),
      )
      expect(found).toHaveLength(20)
      expect((await store.logHead(ACME)).size).toBe(21)
    })

    test('what has a name of its own is taken once', async () => {
      const { store, world, person, parcel } = await stocked(openStore)
      const twin = { ...subject(world.merchant, 'customer-1') }
      expect(await outcome(store, [{ type: 'subject.insert', subject: twin, dataKey: dataKey() }])).toBe(
        'conflict',
      )
      expect(await outcome(store, [{ type: 'grant.insert', grant: parcel.grant }])).toBe('conflict')
      expect(await outcome(store, [{ type: 'shipment.insert', shipment: parcel.shipment }])).toBe('conflict')
      expect(await outcome(store, newTenant(ACME).changes)).toBe('conflict')
      const ref = {
        type: 'ref.insert',
        party: world.courier,
        kind: 'operator',
        ref: 'op-7',
        id: newId.operator(),
      } as const
      expect(await outcome(store, [ref])).toBe('kept')
      expect(await outcome(store, [{ ...ref, id: newId.operator() }])).toBe('conflict')
      expect(await outcome(store, [{ ...ref, party: null, id: newId.operator() }])).toBe('kept')
      expect(
        await outcome(store, [{ type: 'field.remove', subject: person.subject.id, field: 'email' }]),
      ).toBe('kept')
      expect(
        await outcome(store, [{ type: 'field.remove', subject: person.subject.id, field: 'email' }]),
      ).toBe('conflict')
    })

    test('committed is there after opening the store again', async () => {
      const fixture = await opened(openStore)
      if (!fixture.reopen) return
      const world = newTenant(ACME)
      const person = storePerson(world.merchant, 'customer-1')
      await fixture.store.commit(ACME, [...world.changes, ...person.changes])
      const before = await fixture.store.findPerson(ACME, person.subject.id)
      const again = await fixture.reopen()
      expect(await again.findPerson(ACME, person.subject.id)).toEqual(before)
      expect((await again.logHead(ACME)).size).toBe(1)
    })

    test('nothing is written for a tenant that is not there, and a list may make its own', async () => {
      const { store } = await opened(openStore)
      const nowhere = parseTenantId('nowhere') as TenantId
      expect(await outcome(store, [append()], nowhere)).toBe('not_found')
      expect(await outcome(store, newTenant(nowhere).changes, nowhere)).toBe('kept')
    })

    test('nothing is added to a person who was erased', async () => {
      const { store, person } = await stocked(openStore)
      const { id } = person.subject
      await store.commit(ACME, [{ type: 'subject.erase', id, expectedVersion: 1, at: AT }])
      expect(await outcome(store, [put(id, 'name', 7, 2)])).toBe('conflict')
    })

    test('a closed store refuses in words', async () => {
      const { store, world, close } = await stocked(openStore)
      const last = outcome(store, storePerson(world.merchant).changes)
      await store.close()
      expect(await last).toBe('kept')
      expect(await outcome(store, [append()])).toBe('shutting_down')
      await expect(store.findTenant(ACME)).rejects.toMatchObject({ code: 'shutting_down' })
      await close()
    })
  })
}
