import { describe, expect, test } from 'vitest'
import { instant } from '../../src/core/time.ts'
import type { Change, IdempotencyRecord } from '../../src/vault/changes.ts'
import { paidItem } from '../../src/vault/quota/quota.ts'
import { ACME, AT, TODAY, append, grant, newId, random, token } from '../storage/sample.ts'
import { outcome, stocked } from './fixture.ts'
import type { OpenStore } from './store-contract.ts'

const HOUR = 3_600_000

function kept(outcomes: readonly string[]): number {
  return outcomes.filter((one) => one === 'kept').length
}

export function guardContract(openStore: OpenStore): void {
  describe('guards', () => {
    test('1,000 races for a grant of 10 uses: exactly 10', async () => {
      const { store, world, person } = await stocked(openStore)
      const limited = grant(person.subject.id, world.courier, { usesMax: 10 })
      await store.commit(ACME, [{ type: 'grant.insert', grant: limited }])
      const use = (): Change[] => [{ type: 'grant.consume', id: limited.id }, append()]
      const outcomes = await Promise.all(Array.from({ length: 1_000 }, () => outcome(store, use())))
      expect(kept(outcomes)).toBe(10)
      expect(await store.findGrant(ACME, limited.id)).toMatchObject({ uses: 10, version: 1 })
      expect((await store.logHead(ACME)).size).toBe(11)
    })

    test('a revoked grant cannot be used up further', async () => {
      const { store, parcel } = await stocked(openStore)
      await store.commit(ACME, [{ type: 'grant.revoke', id: parcel.grant.id, expectedVersion: 1, at: AT }])
      expect(await outcome(store, [{ type: 'grant.consume', id: parcel.grant.id }])).toBe('conflict')
    })

    test('a quota is never passed, whatever races for it', async () => {
      const { store, world } = await stocked(openStore)
      const charge = (cost: number): Change[] => [
        { type: 'quota.charge', party: world.courier, day: TODAY, limit: 100, cost },
      ]
      const outcomes = await Promise.all(Array.from({ length: 60 }, () => outcome(store, charge(3))))
      expect(kept(outcomes)).toBe(33)
      expect(await outcome(store, charge(1))).toBe('kept')
      expect(await outcome(store, charge(1))).toBe('conflict')
      expect((await store.readQuota(ACME, world.courier, TODAY, TODAY)).used).toBe(100)
      expect(
        await outcome(store, [
          { type: 'quota.charge', party: world.merchant, day: TODAY, limit: 2, cost: 3 },
        ]),
      ).toBe('conflict')
    })

    test('parcels are summed over the days asked for, both ends included', async () => {
      const { store, world } = await stocked(openStore)
      const days = ['2026-11-16', '2026-11-17', '2026-11-20', '2026-11-23', '2026-11-24']
      await store.commit(
        ACME,
        days.map((day): Change => ({ type: 'quota.parcel', party: world.courier, day })),
      )
      const week = await store.readQuota(ACME, world.courier, '2026-11-23', '2026-11-17')
      expect(week).toEqual({ used: 0, parcelsLast7Days: 3 })
      expect(await store.readQuota(ACME, world.merchant, '2026-11-23', '2026-11-17')).toEqual({
        used: 0,
        parcelsLast7Days: 0,
      })
    })

    test('an item is paid for once in its hour, and answers come in the order asked', async () => {
      const { store, world } = await stocked(openStore)
      const items = Array.from({ length: 150 }, () => paidItem('delivery', newId.waybill()))
      const pay = (i: number, at: number): Change => ({
        type: 'quota.item_paid',
        party: world.courier,
        item: items[i]!,
        at: instant(at),
        paidBefore: instant(at - HOUR),
      })
      await store.commit(
        ACME,
        items.flatMap((_, i) => (i % 3 === 0 ? [pay(i, AT)] : [])),
      )
      const asked = [...items].toReversed()
      expect(await store.whichPaid(ACME, world.courier, asked, AT)).toEqual(
        asked.map((_, i) => (149 - i) % 3 === 0),
      )
      expect(await store.whichPaid(ACME, world.courier, items.slice(0, 1), instant(AT + 1))).toEqual([false])
      expect(await store.whichPaid(ACME, world.merchant, items.slice(0, 1), AT)).toEqual([false])
      expect(await outcome(store, [pay(0, AT + HOUR)])).toBe('conflict')
      expect(await outcome(store, [pay(0, AT + HOUR + 1)])).toBe('kept')
    })

    test('a look under a parcel’s own grant is paid for once in its hour', async () => {
      const { store, world, parcel } = await stocked(openStore)
      const pay = (at: number): Change[] => [
        append(),
        { type: 'grant.paid', id: parcel.grant.id, at: instant(at), paidBefore: instant(at - HOUR) },
      ]
      const before = (await store.logHead(ACME)).size
      const outcomes = await Promise.all(Array.from({ length: 100 }, () => outcome(store, pay(AT))))
      expect(kept(outcomes)).toBe(1)
      expect((await store.logHead(ACME)).size).toBe(before + 1)
      expect(await outcome(store, pay(AT + HOUR))).toBe('conflict')
      expect(await outcome(store, pay(AT + HOUR + 1))).toBe('kept')
      const found = await store.findGrant(ACME, parcel.grant.id)
      expect(found).toEqual({ ...parcel.grant, paidAt: AT + HOUR + 1 })
      expect(world.courier).toBe(found?.party)
    })

    test('retired tokens are noted in the parcels that they address, of that shop alone, and move them', async () => {
      const { store, world, person, parcel } = await stocked(openStore)
      const id = parcel.shipment.id
      const before = await store.findShipment(ACME, id)
      const retire = { type: 'tokens.retire', subject: person.subject.id, at: AT } as const
      expect(await outcome(store, [{ ...retire, party: world.courier, expected: 0 }])).toBe('kept')
      expect(await store.findShipment(ACME, id)).toEqual(before)
      expect(await outcome(store, [{ ...retire, party: world.merchant, expected: 4 }])).toBe('kept')
      expect(await store.findShipment(ACME, id)).toEqual({ ...before, tokensRetiredAt: AT, version: 2 })
      const again = { ...retire, party: world.merchant, expected: 0, at: instant(AT + 1) }
      expect(await outcome(store, [again])).toBe('kept')
      expect(await store.findShipment(ACME, id)).toEqual({ ...before, tokensRetiredAt: AT, version: 2 })
    })

    test('a live token of the same party, person, field and window is one', async () => {
      const { store, world, person } = await stocked(openStore)
      const weekly = () => ({
        ...token(person.subject.id, world.merchant, 'phone'),
        linkability: 'week' as const,
        window: '2026-W48',
      })
      const insert = (record: ReturnType<typeof token>): Change[] => [{ type: 'token.insert', token: record }]
      const first = weekly()
      const outcomes = await Promise.all(
        [insert(first), insert(weekly())].map((list) => outcome(store, list)),
      )
      expect(outcomes).toEqual(['kept', 'conflict'])
      expect(await outcome(store, insert({ ...weekly(), window: '2026-W49' }))).toBe('kept')
      expect(await outcome(store, insert({ ...weekly(), party: world.courier }))).toBe('kept')
      expect(await outcome(store, insert(token(person.subject.id, world.merchant, 'phone')))).toBe('kept')
      expect(await store.findTokens(ACME, [first.token])).toEqual([first])
      const retire = { type: 'tokens.retire', subject: person.subject.id, at: AT } as const
      expect(await outcome(store, [{ ...retire, party: world.merchant, expected: 6 }])).toBe('conflict')
      expect(await outcome(store, [{ ...retire, party: world.merchant, expected: 7 }])).toBe('kept')
      expect(await outcome(store, insert(weekly()))).toBe('kept')
      expect(await store.listTokensOf(ACME, [person.subject.id], null)).toHaveLength(2)
      expect(await store.listTokensOf(ACME, [person.subject.id], world.courier)).toHaveLength(1)
    })

    test('1,000 uses of one idempotency key: one effect, and its answer is found', async () => {
      const { store, world } = await stocked(openStore)
      const record: IdempotencyRecord = {
        caller: world.courierCredential.id,
        key: random(32),
        fingerprint: random(32),
        sealedResult: random(20_000),
        createdAt: AT,
      }
      const list = (): Change[] => [append(), { type: 'idempotency.insert', record, expiredBefore: AT }]
      const outcomes = await Promise.all(Array.from({ length: 1_000 }, () => outcome(store, list())))
      expect(kept(outcomes)).toBe(1)
      const { caller, key } = record
      expect(await store.findIdempotent(ACME, caller, key, AT)).toEqual(record)
      expect(await store.findIdempotent(ACME, caller, key, instant(AT + 1))).toBeUndefined()
      expect(await store.findIdempotent(ACME, newId.credential(), key, AT)).toBeUndefined()
      expect(
        await outcome(store, [
          {
            type: 'idempotency.insert',
            record: { ...record, caller: newId.credential() },
            expiredBefore: AT,
          },
        ]),
      ).toBe('kept')
    })

    test('a key whose record has run out is free again, cleaned away or not', async () => {
      const { store, world } = await stocked(openStore)
      const record: IdempotencyRecord = {
        caller: world.courierCredential.id,
        key: random(32),
        fingerprint: random(32),
        sealedResult: random(9),
        createdAt: AT,
      }
      const again = { ...record, fingerprint: random(32), createdAt: instant(AT + HOUR) }
      const put = (next: IdempotencyRecord, expiredBefore: typeof AT): Promise<unknown> =>
        outcome(store, [{ type: 'idempotency.insert', record: next, expiredBefore }])
      expect(await put(record, AT)).toBe('kept')
      expect(await put(again, AT)).toBe('conflict')
      expect(await put(again, instant(AT + 1))).toBe('kept')
      expect(await store.findIdempotent(ACME, record.caller, record.key, AT)).toEqual(again)
    })
  })
}
