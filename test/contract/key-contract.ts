import { describe, expect, test } from 'vitest'
import { fromHex } from '../../src/core/bytes.ts'
import { instant } from '../../src/core/time.ts'
import type { Change } from '../../src/vault/changes.ts'
import type { KeyDestruction, Rotation } from '../../src/vault/keys/rotation.ts'
import type { KeyKind, KeyState, TenantKeyRecord } from '../../src/vault/keys/tenant-key.ts'
import type { WrappedDataKey } from '../../src/vault/records/record.ts'
import {
  ACME,
  AT,
  OTHER,
  WRAPPED_BYTES,
  dataKey,
  newId,
  newTenant,
  random,
  storePerson,
} from '../storage/sample.ts'
import { outcome, stocked } from './fixture.ts'
import type { OpenStore } from './store-contract.ts'

const OLD_ROOT = '00'.repeat(8)
const NEW_ROOT = 'ff'.repeat(8)
const KEY_ID = '0123456789abcdef'

function version(kind: KeyKind, number: number, state: KeyState): TenantKeyRecord {
  const wrapped = random(WRAPPED_BYTES)
  return { kind, version: number, state, keyId: KEY_ID, rootKeyId: OLD_ROOT, wrapped, createdAt: AT }
}

const insert = (key: TenantKeyRecord): Change => ({ type: 'tenant_key.insert', key })

/** A key that is wrapped under version 2. */
function under2(from: WrappedDataKey): WrappedDataKey {
  return { ...from, tenantKeyVersion: 2, wrapped: random(from.wrapped.length) }
}

function rotation(more: Partial<Rotation> = {}): Rotation {
  const counts = { steps: 0, cursor: 0, again: false, done: 0, total: 10 }
  return { level: 'wrap', target: '2', state: 'running', ...counts, startedAt: AT, finishedAt: null, ...more }
}

export function keyContract(openStore: OpenStore): void {
  describe('keys', () => {
    versions(openStore)
    dataKeys(openStore)
    resealing(openStore)
    jobs(openStore)
  })
}

function versions(openStore: OpenStore): void {
  test('a version goes from primary to active, retired, destroyed, and no other way', async () => {
    const { store } = await stocked(openStore)
    const key = version('session', 1, 'primary')
    await store.commit(ACME, [insert(key)])
    const kinds = ['demote', 'retire', 'destroy'] as const
    const move = (kind: (typeof kinds)[number]): Change => ({
      type: `tenant_key.${kind}`,
      kind: 'session',
      version: 1,
    })
    for (const [at, expected] of kinds.entries()) {
      for (const kind of kinds)
        if (kind !== expected) expect(await outcome(store, [move(kind)])).toBe('conflict')
      expect(await outcome(store, [move(kinds[at]!)])).toBe('kept')
    }
    const [left] = await store.listTenantKeys(ACME)
    expect(left).toEqual({ ...key, state: 'destroyed', wrapped: new Uint8Array(WRAPPED_BYTES) })
  })

  test('a version that anything names is not retired, and not destroyed', async () => {
    const { store, person, world } = await stocked(openStore)
    const keys = (['wrap', 'index', 'note'] as const).map((kind) => version(kind, 1, 'active'))
    await store.commit(ACME, keys.map(insert))
    const sealed = random(60)
    sealed.set(fromHex(KEY_ID)!, 2)
    const note: Change = { type: 'note.insert', about: world.merchant, subject: null, sealed, at: AT }
    await store.commit(ACME, [note])
    const retire = (kind: KeyKind): Change => ({ type: 'tenant_key.retire', kind, version: 1 })
    for (const { kind } of keys) expect(await outcome(store, [retire(kind)]), kind).toBe('conflict')
    // An erased person's row holds no key any more, and no field.
    const erase: Change = { type: 'subject.erase', id: person.subject.id, expectedVersion: 1, at: AT }
    await store.commit(ACME, [erase])
    expect(await outcome(store, [retire('wrap')])).toBe('kept')
    expect(await outcome(store, [retire('index')])).toBe('kept')
    const late = storePerson(world.merchant)
    await store.commit(ACME, late.changes)
    const destroy: Change = { type: 'tenant_key.destroy', kind: 'wrap', version: 1 }
    expect(await outcome(store, [destroy])).toBe('conflict')
  })

  test("a key goes under another root key in place, and only from the one it was read under; another tenant's stays", async () => {
    const { store, dump } = await stocked(openStore)
    const key = version('wrap', 1, 'primary')
    await store.commit(OTHER, [...newTenant(OTHER).changes, insert(key)])
    await store.commit(ACME, [insert(key)])
    const wrapped = random(WRAPPED_BYTES)
    const change = {
      type: 'tenant_key.rewrap',
      kind: 'wrap',
      version: 1,
      rootKeyId: NEW_ROOT,
      wrapped,
    } as const
    const before = (await dump())['tenant_keys']
    expect(await outcome(store, [{ ...change, expectedRootKeyId: NEW_ROOT }])).toBe('conflict')
    expect(await outcome(store, [{ ...change, expectedRootKeyId: OLD_ROOT, wrapped: random(9) }])).toBe(
      'conflict',
    )
    expect((await dump())['tenant_keys']).toEqual(before)
    expect(await outcome(store, [{ ...change, expectedRootKeyId: OLD_ROOT }])).toBe('kept')
    expect(await store.listTenantKeys(ACME)).toEqual([{ ...key, rootKeyId: NEW_ROOT, wrapped }])
    expect(await store.listTenantKeys(OTHER)).toEqual([key])
  })
}

function dataKeys(openStore: OpenStore): void {
  test('a data key goes under another version in place: nobody else and no version moves', async () => {
    const { store, world, person, dump } = await stocked(openStore)
    const neighbour = storePerson(world.merchant)
    await store.commit(ACME, neighbour.changes)
    const { id } = person.subject
    const [row] = await store.listDataKeys(ACME, 0, 1)
    const before = await dump()
    const fresh = under2(row!.dataKey)
    expect(await outcome(store, [{ type: 'data_key.rewrap', subject: id, from: 1, dataKey: fresh }])).toBe(
      'kept',
    )
    const after = await dump()
    const changed = Object.keys(before).filter(
      (table) => JSON.stringify(before[table]) !== JSON.stringify(after[table]),
    )
    expect(changed).toEqual(['data_keys'])
    expect((await store.findPerson(ACME, id))?.dataKey).toEqual(fresh)
    expect(await store.listDataKeys(ACME, row!.no, 9)).toMatchObject([{ subject: neighbour.subject.id }])
  })

  test('an erasure that comes before a rewrapped key wins, and so does a key that is another by now', async () => {
    const { store, person } = await stocked(openStore)
    const { id } = person.subject
    const [row] = await store.listDataKeys(ACME, 0, 1)
    const rewrap: Change = { type: 'data_key.rewrap', subject: id, from: 1, dataKey: under2(row!.dataKey) }
    const others = [
      { ...rewrap, from: 2 },
      { ...rewrap, dataKey: { ...rewrap.dataKey, keyId: KEY_ID } },
    ]
    for (const other of others) expect(await outcome(store, [other])).toBe('conflict')
    await store.commit(ACME, [{ type: 'subject.erase', id, expectedVersion: 1, at: AT }])
    expect(await outcome(store, [rewrap])).toBe('conflict')
    const rekey: Change = { type: 'data_key.replace', id, expectedVersion: 2, dataKey: dataKey() }
    expect(await outcome(store, [rekey])).toBe('conflict')
    expect(await store.findPerson(ACME, id)).toMatchObject({ dataKey: null, fields: [] })
    expect(await store.listDataKeys(ACME, 0, 9)).toEqual([])
  })

  test('another key for a person moves the version, so that nobody seals under the old one any more', async () => {
    const { store, person } = await stocked(openStore)
    const { id } = person.subject
    const fresh = dataKey()
    const rekey: Change = { type: 'data_key.replace', id, expectedVersion: 1, dataKey: fresh }
    expect(await outcome(store, [rekey])).toBe('kept')
    expect(await outcome(store, [rekey])).toBe('conflict')
    expect(await store.findPerson(ACME, id)).toMatchObject({ subject: { version: 2 }, dataKey: fresh })
    expect(await outcome(store, [{ type: 'expect.subject', id, version: 1 }])).toBe('conflict')
  })

  test('an index row goes under another version, unless the field has changed', async () => {
    const { store, person } = await stocked(openStore)
    const { id } = person.subject
    const rows = await store.listIndexRows(ACME, 0, 100)
    expect(rows).toHaveLength(4)
    const rekey: Change = {
      type: 'index.rekey',
      subject: id,
      field: 'phone',
      version: 1,
      index: { keyVersion: 2, hash: 77 },
    }
    expect(await outcome(store, [{ ...rekey, version: 2 }])).toBe('conflict')
    expect(await outcome(store, [rekey])).toBe('kept')
    expect(await store.findSubjectsByIndex(ACME, 'phone', 77, 9)).toMatchObject([{ id }])
    const after = await store.listIndexRows(ACME, 0, 100)
    expect(after).toEqual(rows.map((row) => (row.field === 'phone' ? { ...row, keyVersion: 2 } : row)))
  })
}

function resealing(openStore: OpenStore): void {
  test('a note and a contact are sealed anew, unless they are not as they were read', async () => {
    const { store, world } = await stocked(openStore)
    const [from, sealed] = [random(60), random(60)]
    await store.commit(ACME, [
      { type: 'note.insert', about: world.merchant, subject: null, sealed: from, at: AT },
    ])
    const [note] = await store.listNotesNumbered(ACME, null, 0, 9)
    const change: Change = { type: 'note.reseal', no: note!.no, from, sealed }
    expect(await outcome(store, [change])).toBe('kept')
    expect(await outcome(store, [change])).toBe('conflict')
    expect(await store.listNotesNumbered(ACME, null, 0, 9)).toEqual([{ ...note, sealed }])
    const party = await store.findParty(ACME, world.merchant)
    const contact: Change = {
      type: 'contact.reseal',
      id: world.merchant,
      from: party!.contact!,
      contact: sealed,
    }
    expect(await outcome(store, [contact])).toBe('kept')
    expect(await outcome(store, [contact])).toBe('conflict')
    expect(await store.findParty(ACME, world.merchant)).toEqual({ ...party, contact: sealed })
  })
}

function jobs(openStore: OpenStore): void {
  test('one rotation of a level runs at a time, and each step of it counts once', async () => {
    const { store } = await stocked(openStore)
    const first = rotation()
    const start: Change = { type: 'rotation.start', rotation: first }
    expect(await outcome(store, [start])).toBe('kept')
    expect(await outcome(store, [start])).toBe('conflict')
    expect(await outcome(store, [{ type: 'rotation.start', rotation: rotation({ level: 'index' }) }])).toBe(
      'kept',
    )
    const next = rotation({ steps: 1, cursor: 7, again: true, done: 3 })
    const step: Change = { type: 'rotation.step', rotation: next, expectedSteps: 0 }
    expect(await outcome(store, [step])).toBe('kept')
    expect(await outcome(store, [step])).toBe('conflict')
    const last = rotation({ ...next, steps: 2, state: 'done', finishedAt: AT })
    expect(await outcome(store, [{ type: 'rotation.step', rotation: last, expectedSteps: 1 }])).toBe('kept')
    expect((await store.listRotations(ACME)).find(({ level }) => level === 'wrap')).toEqual(last)
    expect(await outcome(store, [{ type: 'rotation.step', rotation: last, expectedSteps: 2 }])).toBe(
      'conflict',
    )
    expect(await outcome(store, [start])).toBe('kept')
  })

  test('a destruction is approved once, in time, and by somebody else', async () => {
    const { store } = await stocked(openStore)
    const [askedBy, by] = [newId.credential(), newId.credential()]
    const id = newId.order().replace('ord', 'req') as KeyDestruction['id']
    const expiresAt = instant(AT + 1_000)
    const of = { id, kind: 'wrap', version: 1, askedAt: AT } as const
    const destruction = { ...of, askedBy, expiresAt, approvedBy: null, approvedAt: null }
    await store.commit(ACME, [{ type: 'key_destruction.ask', destruction }])
    const approve: Change = { type: 'key_destruction.approve', id, by, at: AT }
    expect(await outcome(store, [{ ...approve, by: askedBy }])).toBe('conflict')
    expect(await outcome(store, [{ ...approve, at: expiresAt }])).toBe('conflict')
    expect(await outcome(store, [approve])).toBe('kept')
    expect(await outcome(store, [approve])).toBe('conflict')
    expect(await store.findKeyDestruction(ACME, id)).toEqual({
      ...destruction,
      approvedBy: by,
      approvedAt: AT,
    })
    expect(await store.findKeyDestruction(OTHER, id)).toBeUndefined()
  })
}
