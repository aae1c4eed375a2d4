import { describe, expect, test } from 'vitest'
import { DAY_MS, instant } from '../../src/core/time.ts'
import type { Instant } from '../../src/core/time.ts'
import type { TenantId } from '../../src/core/id.ts'
import type { Change } from '../../src/vault/changes.ts'
import { paidItem } from '../../src/vault/quota/quota.ts'
import { ROW_KINDS } from '../../src/vault/retention/policy.ts'
import type { RetentionKind, RowKind } from '../../src/vault/retention/policy.ts'
import type { Due, VaultStore } from '../../src/vault/store.ts'
import {
  ACME,
  AT,
  OTHER,
  newId,
  newTenant,
  random,
  storeParcel,
  storePerson,
  token,
} from '../storage/sample.ts'
import type { StoredPerson, World } from '../storage/sample.ts'
import { opened, outcome } from './fixture.ts'
import { retentionLogContract } from './retention-log-contract.ts'
import type { OpenStore } from './store-contract.ts'

export const LATER = instant(AT + 1_000 * DAY_MS)

/** A row of each kind that begins to count at a time, in as many spellings as there are. */
const ROWS: Record<RowKind, readonly ((world: World, person: StoredPerson, at: Instant) => Change[])[]> = {
  idempotency: [
    ({ courierCredential }, _, createdAt) => {
      const parts = { key: random(32), fingerprint: random(32), sealedResult: random(9) }
      const record = { caller: courierCredential.id, ...parts, createdAt }
      return [{ type: 'idempotency.insert', record, expiredBefore: createdAt }]
    },
  ],
  paid_items: [
    ({ courier: party }, _, at) => [
      { type: 'quota.item_paid', party, item: paidItem('delivery', newId.waybill()), at, paidBefore: at },
    ],
  ],
  ended_sessions: [
    (_, { subject }, expiresAt) => [
      { type: 'session.insert', session: newId.session(), subject: subject.id, expiresAt },
    ],
    (_, { subject }, at) => {
      const session = newId.session()
      return [
        { type: 'session.insert', session, subject: subject.id, expiresAt: LATER },
        { type: 'session.end', session, at },
      ]
    },
  ],
  expired_tokens: [
    ({ merchant }, { subject }, expiresAt) => [
      { type: 'token.insert', token: { ...token(subject.id, merchant, 'phone'), expiresAt } },
    ],
    ({ merchant, courier }, _, at) => {
      const person = storePerson(merchant)
      const one = {
        ...token(person.subject.id, courier, 'name'),
        linkability: 'party',
        window: 'party',
      } as const
      return [
        ...person.changes.filter(({ type }) => type !== 'token.insert'),
        { type: 'token.insert', token: { ...one, expiresAt: null } },
        { type: 'tokens.retire', subject: person.subject.id, party: null, expected: 1, at },
      ]
    },
  ],
  closed_parcels: (['delivered', 'returned', 'cancelled', 'closed'] as const).map(
    (stage) => (world: World, person: StoredPerson, at: Instant) => {
      const { shipment, changes } = storeParcel(person, world.merchant, world.courier)
      return [...changes, { type: 'shipment.move', id: shipment.id, expectedVersion: 1, stage, at }]
    },
  ),
}

type Filled = { world: World; person: StoredPerson }

export async function newWorld(store: VaultStore, tenant: TenantId): Promise<Filled> {
  const world = newTenant(tenant)
  const person = storePerson(world.merchant)
  const lasting = person.changes.filter(({ type }) => type !== 'token.insert')
  await store.commit(tenant, [...world.changes, ...lasting])
  return { world, person }
}

async function add(
  store: VaultStore,
  kind: RowKind,
  { world, person }: Filled,
  at: Instant,
): Promise<number> {
  for (const make of ROWS[kind]) await store.commit(world.tenant, make(world, person, at))
  return ROWS[kind].length
}

export function remove(kind: RetentionKind, { keys, walk }: Due, before = AT): Change {
  return { type: 'retention.remove', kind, before, keys, walk }
}

export function retentionContract(openStore: OpenStore): void {
  retentionLogContract(openStore)
  describe('retention', () => {
    test.each(ROW_KINDS)(
      '%s: due is what counts from before a moment, and nothing else is removed',
      async (kind) => {
        const { store, dump } = await opened(openStore)
        const [acme, other] = [await newWorld(store, ACME), await newWorld(store, OTHER)]
        for (const at of [AT, AT + 1]) await add(store, kind, acme, instant(at))
        for (const at of [AT - 1, AT, AT + 1]) await add(store, kind, other, instant(at))
        expect(await store.listDue(ACME, { kind, before: AT }, 100)).toEqual({
          keys: [],
          walk: null,
          more: false,
        })
        const without = await dump()
        const added = await add(store, kind, acme, instant(AT - 1))
        const due = await store.listDue(ACME, { kind, before: AT }, 100)
        expect(due).toMatchObject({ walk: null, more: false })
        expect(due.keys).toHaveLength(added)
        const stocked = await dump()
        expect(
          await outcome(store, [remove(kind, due), { type: 'expect.grant', id: newId.grant(), version: 1 }]),
        ).toBe('conflict')
        expect(await dump()).toEqual(stocked)
        expect(await outcome(store, [remove(kind, due)])).toBe('kept')
        expect(await outcome(store, [remove(kind, due)])).toBe('conflict')
        expect(await store.listDue(ACME, { kind, before: AT }, 100)).toMatchObject({ keys: [] })
        expect(await store.listDue(OTHER, { kind, before: AT }, 100)).not.toMatchObject({ keys: [] })
        const table = {
          idempotency: 'idempotency',
          paid_items: 'paid_items',
          ended_sessions: 'sessions',
          expired_tokens: 'tokens',
          closed_parcels: 'shipments',
        }[kind]
        const after = await dump()
        if (kind === 'closed_parcels') expect(after[table]).toHaveLength(stocked[table]!.length)
        else expect(after[table]).toEqual(without[table])
        const { [table]: _was, ...others } = stocked
        expect(after).toMatchObject(others)
      },
    )

    test.each(ROW_KINDS)("%s: no tenant removes another's, and no row that is too young", async (kind) => {
      const { store, dump } = await opened(openStore)
      const [acme] = [await newWorld(store, ACME), await newWorld(store, OTHER)]
      await add(store, kind, acme, instant(AT - 1))
      const due = await store.listDue(ACME, { kind, before: AT }, 100)
      const before = await dump()
      expect(await outcome(store, [remove(kind, due)], OTHER)).toBe('conflict')
      expect(await outcome(store, [remove(kind, due, instant(AT - 1))])).toBe('conflict')
      expect(await dump()).toEqual(before)
      expect(await outcome(store, [remove(kind, due)])).toBe('kept')
    })

    test('at most as many as asked are given, and whether there are more', async () => {
      const { store } = await opened(openStore)
      const acme = await newWorld(store, ACME)
      for (const kind of ROW_KINDS) {
        for (let i = 0; i < 4; i++) await add(store, kind, acme, instant(AT - 1 - i))
        let left = 4 * ROWS[kind].length
        for (;;) {
          const due = await store.listDue(ACME, { kind, before: AT }, 3)
          expect(due.keys.length).toBe(Math.min(3, left))
          expect(due.more || due.keys.length === left).toBe(true)
          if (due.keys.length === 0) break
          expect(await outcome(store, [remove(kind, due)])).toBe('kept')
          left -= due.keys.length
        }
        expect(left).toBe(0)
      }
    })

    test('the oldest of each kind is named by tenant; who has none is not', async () => {
      for (const kind of ROW_KINDS) {
        const { store, close } = await openStore()
        const [acme, other] = [await newWorld(store, ACME), await newWorld(store, OTHER)]
        expect(await store.listOldest(kind)).toEqual([])
        for (const at of [AT + 7, AT + 5, AT + 6]) await add(store, kind, acme, instant(at))
        expect(await store.listOldest(kind)).toEqual([{ tenant: ACME, since: AT + 5 }])
        await add(store, kind, other, AT)
        expect(await store.listOldest(kind)).toEqual([
          { tenant: ACME, since: AT + 5 },
          { tenant: OTHER, since: AT },
        ])
        await close()
      }
    })

    test('what has begun to count anew between read and commit is not removed', async () => {
      const { store, dump } = await opened(openStore)
      const { world } = await newWorld(store, ACME)
      const item = paidItem('delivery', newId.waybill())
      const pay = (at: Instant): Change => ({
        type: 'quota.item_paid',
        party: world.courier,
        item,
        at,
        paidBefore: at,
      })
      await store.commit(ACME, [pay(instant(AT - 1))])
      const due = await store.listDue(ACME, { kind: 'paid_items', before: AT }, 9)
      await store.commit(ACME, [pay(AT)])
      const before = await dump()
      expect(await outcome(store, [remove('paid_items', due)])).toBe('conflict')
      expect(await dump()).toEqual(before)
    })

    test("of a parcel the recipient's tokens and its notes go; all else, and other parcels' notes, stay", async () => {
      const { store, dump } = await opened(openStore)
      const { world, person } = await newWorld(store, ACME)
      const { id } = person.subject
      const [old, open] = [0, 1].map(() => storeParcel(person, world.merchant, world.courier))
      const note = (about: string): Change => {
        return { type: 'note.insert', about: about as typeof id, subject: id, sealed: random(60), at: AT }
      }
      await store.commit(ACME, [...old!.changes, ...open!.changes])
      await store.commit(ACME, [
        {
          type: 'shipment.move',
          id: old!.shipment.id,
          expectedVersion: 1,
          stage: 'returned',
          at: instant(AT - 1),
        },
        note(old!.shipment.id),
        note(open!.shipment.id),
        note(id),
      ])
      const was = await store.findShipment(ACME, old!.shipment.id)
      const before = await dump()
      await store.commit(ACME, [
        remove('closed_parcels', await store.listDue(ACME, { kind: 'closed_parcels', before: AT }, 9)),
      ])
      const blank = { name: '', phone: '', address: '' }
      expect(await store.findShipment(ACME, old!.shipment.id)).toEqual({ ...was, recipient: blank })
      expect(await store.findShipment(ACME, open!.shipment.id)).toEqual(open!.shipment)
      expect((await store.listNotes(ACME, id)).map(({ about }) => about)).toEqual([open!.shipment.id, id])
      const { shipments: _s, notes: _n, ...others } = before
      expect(await dump()).toMatchObject(others)
    })
  })
}
