import { describe, expect, test } from 'vitest'
import { instant } from '../../src/core/time.ts'
import type { Change } from '../../src/vault/changes.ts'
import type { TenantKeyRecord } from '../../src/vault/keys/tenant-key.ts'
import { paidItem } from '../../src/vault/quota/quota.ts'
import {
  ACME,
  AT,
  OTHER,
  grant,
  newId,
  newTenant,
  party,
  put,
  random,
  storeParcel,
  storePerson,
} from '../storage/sample.ts'
import { opened, stocked } from './fixture.ts'
import type { Fixture } from './fixture.ts'
import type { OpenStore } from './store-contract.ts'

/** More than an engine may bind to one statement. */
const MANY = 230

async function everyRead(tenant: typeof ACME, { store, world, person, parcel }: Fixture, stored: Stored) {
  const { id } = person.subject
  const { shipment } = parcel
  return {
    caller: await store.findCaller(tenant, world.secretHash),
    credential: await store.findCredential(tenant, world.courierCredential.id),
    party: await store.findParty(tenant, world.courier),
    parties: (await store.listParties(tenant, {}, { limit: 9 })).rows,
    session: await store.findSession(tenant, stored.session),
    keys: await store.listTenantKeys(tenant),
    person: await store.findPerson(tenant, id),
    byRef: await store.findPersonsByRef(tenant, world.merchant, ['customer-1']),
    persons: await store.findPersons(tenant, [id]),
    byIndex: await store.findSubjectsByIndex(tenant, 'email', stored.hash, 9),
    notes: await store.listNotes(tenant, id),
    tokens: await store.findTokens(tenant, [person.tokens.phone]),
    tokensWithPersons: await store.findTokensWithPersons(tenant, [person.tokens.phone]),
    tokensOf: await store.listTokensOf(tenant, [id], world.merchant),
    tokensOfAll: await store.listTokensOf(tenant, [id], null),
    shipment: await store.findShipment(tenant, shipment.id),
    parcels: await store.findParcels(tenant, [shipment.waybill]),
    stages: await store.listStages(tenant, shipment.id),
    shipments: await store.listShipmentsOf(tenant, id),
    byOrder: await store.findShipmentsByOrder(tenant, world.merchant, shipment.order),
    grant: await store.findGrant(tenant, parcel.grant.id),
    grants: await store.listGrantsOf(tenant, id),
    standing: await store.listStandingGrants(tenant, [id], world.merchant),
    paid: (await store.whichPaid(tenant, world.courier, [stored.item], AT)).filter(Boolean),
    ref: (await store.findRefs(tenant, world.courier, 'order', ['o-1'])).filter((one) => one !== undefined),
    resolved: [...(await store.resolveRefs(tenant, [stored.ref])).keys()],
    event: await store.findEvent(tenant, stored.event),
    events: (await store.listEvents(tenant, { order: 'oldest' }, { limit: 9 })).rows,
    idempotent: await store.findIdempotent(tenant, world.courierCredential.id, stored.key, AT),
  }
}

type Stored = Awaited<ReturnType<typeof storeTheRest>>

/** One of everything that the fixture has not. */
async function storeTheRest({ store, world, person }: Fixture) {
  const { id } = person.subject
  const stored = {
    session: newId.session(),
    hash: 0xfedcba98,
    item: paidItem('order', newId.token()),
    key: random(32),
    ref: newId.order(),
  }
  const key: TenantKeyRecord = {
    kind: 'wrap',
    version: 1,
    state: 'primary',
    keyId: 'k1',
    rootKeyId: 'r1',
    wrapped: random(72),
    createdAt: AT, // prettier-ignore
  }
  const changes: Change[] = [
    { type: 'tenant_key.insert', key },
    { type: 'session.insert', session: stored.session, subject: id, expiresAt: AT },
    put(id, 'email', stored.hash, 2),
    { type: 'note.insert', about: id, subject: id, sealed: random(50), at: AT },
    { type: 'quota.item_paid', party: world.courier, item: stored.item, at: AT, paidBefore: AT },
    { type: 'ref.insert', party: world.courier, kind: 'order', ref: 'o-1', id: stored.ref },
    {
      type: 'idempotency.insert',
      record: {
        caller: world.courierCredential.id,
        key: stored.key,
        fingerprint: random(32),
        sealedResult: random(9),
        createdAt: AT,
      },
      expiredBefore: AT,
    },
  ]
  await store.commit(ACME, changes)
  const { rows } = await store.listEvents(ACME, { order: 'oldest' }, { limit: 1 })
  return { ...stored, event: rows[0]!.id }
}

export function readContract(openStore: OpenStore): void {
  describe('reads', () => {
    test('every read finds it in its own tenant, and no read finds it in another or in none', async () => {
      const fixture = await stocked(openStore)
      const stored = await storeTheRest(fixture)
      const other = newTenant(OTHER)
      await fixture.store.commit(OTHER, other.changes.slice(0, 1))
      const own = await everyRead(ACME, fixture, stored)
      for (const [name, found] of Object.entries(own)) {
        expect(Array.isArray(found) ? found.length : found, name).toBeTruthy()
      }
      for (const tenant of [OTHER, 'unheard-of' as typeof ACME]) {
        for (const [name, found] of Object.entries(await everyRead(tenant, fixture, stored))) {
          expect(found ?? [], `${tenant}: ${name}`).toEqual([])
        }
      }
    })

    test('rows come back as they went in', async () => {
      const { store, world, person, parcel } = await stocked(openStore)
      const { shipment } = parcel
      expect(await store.findCaller(ACME, world.secretHash)).toEqual({
        credential: world.courierCredential,
        party: await store.findParty(ACME, world.courier),
      })
      expect(await store.findTenant(ACME)).toEqual({ id: ACME, createdAt: AT, settings: {} })
      await store.commit(ACME, [{ type: 'tenant.set_settings', settings: { quotaPerDay: 7 } }])
      expect(await store.listTenants()).toEqual([{ id: ACME, createdAt: AT, settings: { quotaPerDay: 7 } }])
      const [found] = await store.findParcels(ACME, [shipment.waybill])
      const { recipient, createdAt: _made, ...lean } = shipment
      const { id, locale, state, version } = person.subject
      expect(found!.person.subject).toEqual({ id, locale, state, version })
      const { basis: _basis, origin: _origin, ...terms } = parcel.grant
      expect(found!.grant).toEqual(terms)
      expect(found!.shipment).toEqual(lean)
      expect((await store.findShipment(ACME, shipment.id))!.recipient).toEqual(recipient)
      const { dataKey, fields } = (await store.findPerson(ACME, person.subject.id))!
      expect(found!.person.dataKey).toEqual(dataKey)
      expect(fields.map((one) => one.field).toSorted()).toEqual(['address', 'email', 'name', 'phone'])
      expect(found!.person.fields).toEqual(fields.filter((one) => one.field !== 'email'))
      const inserted = person.changes.find((change) => change.type === 'subject.insert')
      expect(found!.person.dataKey).toEqual(inserted!.dataKey)
      expect(await store.listShipmentsOf(ACME, person.subject.id)).toEqual([shipment])
      expect(await store.findShipmentsByOrder(ACME, world.merchant, shipment.order)).toEqual([shipment])
      expect(await store.findShipmentsByOrder(ACME, newId.merchant(), shipment.order)).toEqual([])
      expect(await store.listGrantsOf(ACME, person.subject.id)).toEqual([person.grant, parcel.grant])
      expect(await store.listStandingGrants(ACME, [person.subject.id], world.merchant)).toEqual([
        person.grant,
      ])
      expect(await store.listStandingGrants(ACME, [person.subject.id], world.courier)).toEqual([])
    })

    test('writes show in the next read', async () => {
      const { store, person, parcel, world } = await stocked(openStore)
      const { id } = person.subject
      const later = instant(AT + 9)
      await store.commit(ACME, [
        { type: 'shipment.move', id: parcel.shipment.id, expectedVersion: 1, stage: 'picked_up', at: later },
        { type: 'shipment.move', id: parcel.shipment.id, expectedVersion: 2, stage: 'in_transit', at: later },
        { type: 'subject.update', id, expectedVersion: 1, locale: null, jurisdiction: 'DE', at: later },
        { type: 'party.set_status', id: world.merchant, expectedVersion: 1, status: 'suspended' },
        { type: 'credential.revoke', id: world.courierCredential.id, at: later },
        { type: 'grant.revoke', id: parcel.grant.id, expectedVersion: 1, at: later },
      ])
      expect(await store.listStages(ACME, parcel.shipment.id)).toEqual([
        { stage: 'created', at: AT },
        { stage: 'picked_up', at: later },
        { stage: 'in_transit', at: later },
      ])
      expect(await store.findShipment(ACME, parcel.shipment.id)).toMatchObject({
        stage: 'in_transit',
        version: 3,
      })
      expect((await store.findPerson(ACME, id))!.subject).toMatchObject({
        locale: null,
        jurisdiction: 'DE',
        version: 2,
        updatedAt: later,
      })
      expect(await store.findParty(ACME, world.merchant)).toMatchObject({ status: 'suspended', version: 2 })
      expect((await store.findCaller(ACME, world.secretHash))!.credential.revokedAt).toBe(later)
      expect(await store.findGrant(ACME, parcel.grant.id)).toMatchObject({ revokedAt: later, version: 2 })
    })

    test('lists longer than a statement can bind are answered whole; what is unknown is left out', async () => {
      const { store, world } = await stocked(openStore)
      const people = Array.from({ length: MANY }, (_, i) => storePerson(world.merchant, `many-${i}`))
      const parcels = people.map((one) => storeParcel(one, world.merchant, world.courier))
      await store.commit(
        ACME,
        [...people, ...parcels].flatMap(({ changes }) => changes),
      )
      const ids = people.map((one) => one.subject.id)
      const tokens = people.flatMap((one) => Object.values(one.tokens))
      const waybills = parcels.map((one) => one.shipment.waybill)
      const refs = people.map((_, i) => `many-${i}`)
      const operators = refs.map((ref): Change & { type: 'ref.insert' } => ({
        type: 'ref.insert',
        party: null,
        kind: 'operator',
        ref,
        id: newId.operator(),
      }))
      await store.commit(ACME, operators)
      expect(await store.findPersons(ACME, [...ids, newId.subject()])).toHaveLength(MANY)
      expect(await store.findPersonsByRef(ACME, world.merchant, [...refs, 'nobody'])).toHaveLength(MANY)
      expect(await store.findTokens(ACME, [...tokens, newId.token()])).toHaveLength(4 * MANY)
      expect(await store.findTokensWithPersons(ACME, [...tokens, newId.token()])).toHaveLength(4 * MANY)
      expect(await store.listTokensOf(ACME, ids, world.merchant)).toHaveLength(4 * MANY)
      expect(await store.listStandingGrants(ACME, ids, world.merchant)).toHaveLength(MANY)
      expect(await store.findParcels(ACME, [...waybills, newId.waybill()])).toHaveLength(MANY)
      expect(await store.findParcels(ACME, [waybills[0]!, waybills[0]!])).toHaveLength(1)
      const asked = ['nobody', ...refs].toReversed()
      const expected = [undefined, ...operators.map(({ id }) => id)].toReversed()
      expect(await store.findRefs(ACME, null, 'operator', asked)).toEqual(expected)
      const resolved = await store.resolveRefs(ACME, [...operators.map(({ id }) => id), newId.operator()])
      expect([...resolved.values()]).toEqual(refs)
    })

    test('the index follows the value, and gives the newest first', async () => {
      const { store, world } = await stocked(openStore)
      const people = Array.from({ length: 5 }, () => storePerson(world.merchant))
      await store.commit(
        ACME,
        people.flatMap(({ changes }) => changes),
      )
      await store.commit(
        ACME,
        people.map((one) => put(one.subject.id, 'phone', 77, 2)),
      )
      const found = await store.findSubjectsByIndex(ACME, 'phone', 77, 3)
      expect(found.map(({ id }) => id)).toEqual(
        people
          .slice(2)
          .toReversed()
          .map((one) => one.subject.id),
      )
      expect(await store.findSubjectsByIndex(ACME, 'email', 77, 3)).toEqual([])
      await store.commit(
        ACME,
        people.map((one) => put(one.subject.id, 'phone', 78, 3)),
      )
      expect(await store.findSubjectsByIndex(ACME, 'phone', 77, 3)).toEqual([])
      await store.commit(ACME, [{ type: 'field.remove', subject: people[0]!.subject.id, field: 'phone' }])
      expect(await store.findSubjectsByIndex(ACME, 'phone', 78, 9)).toHaveLength(4)
    })

    test('pages of parties hold each once, in a fixed order, while others are added', async () => {
      const { store } = await opened(openStore)
      const parties = Array.from({ length: 9 }, () => party(newId.merchant()))
      await store.commit(ACME, [
        ...newTenant(ACME).changes.slice(0, 1),
        ...parties.map((one): Change => ({ type: 'party.insert', party: one })),
      ])
      const first = await store.listParties(ACME, { kind: 'merchant' }, { limit: 4 })
      await store.commit(ACME, [
        { type: 'party.insert', party: { ...party(newId.courier()), status: 'pending' } },
      ])
      const second = await store.listParties(ACME, { kind: 'merchant' }, { limit: 4, after: first.next! })
      const third = await store.listParties(ACME, { kind: 'merchant' }, { limit: 4, after: second.next! })
      const seen = [...first.rows, ...second.rows, ...third.rows].map(({ id }) => id)
      expect(seen).toEqual(parties.map(({ id }) => id).sort())
      expect(third.next).toBeNull()
      expect((await store.listParties(ACME, { status: 'pending' }, { limit: 4 })).rows).toHaveLength(1)
      await expect(store.listParties(ACME, {}, { limit: 4, after: 'x' })).rejects.toMatchObject({
        code: 'invalid_request',
      })
    })

    test('grants given twice are two', async () => {
      const { store, person, world } = await stocked(openStore)
      const again = grant(person.subject.id, world.merchant, {
        purpose: 'legal',
        until: instant(AT + 5),
        usesMax: 3,
      })
      await store.commit(ACME, [{ type: 'grant.insert', grant: again }])
      expect(await store.findGrant(ACME, again.id)).toEqual(again)
    })
  })
}
