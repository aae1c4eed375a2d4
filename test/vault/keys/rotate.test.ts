import { describe, expect, test } from 'vitest'
import { HOUR_MS } from '../../../src/core/time.ts'
import { openPerson, personKey } from '../../../src/vault/records/values.ts'
import { findByTerm } from '../../../src/vault/keys/look-up.ts'
import { retireUnneeded } from '../../../src/vault/keys/retire.ts'
import { rotate } from '../../../src/vault/keys/rotate.ts'
import type { RotationLevel } from '../../../src/vault/keys/rotation.ts'
import type { KeyKind } from '../../../src/vault/keys/tenant-key.ts'
import type { VaultStore } from '../../../src/vault/store.ts'
import { TENANT, openVault } from './vault-for-tests.ts'
import type { Opened } from './vault-for-tests.ts'

const PHONE = '+8613812345678'

async function statesOf({ vault }: Opened, kind: KeyKind): Promise<readonly string[]> {
  const records = await vault.store.listTenantKeys(TENANT)
  return records.flatMap((record) => (record.kind === kind ? [`${record.version} ${record.state}`] : []))
}

/** A store that gives up for good after so many commits of a rotation's steps, as a killed process does. */
function dyingAfter(steps: { left: number }): (store: VaultStore) => VaultStore {
  return (store) => ({
    ...store,
    async commit(tenant, changes, mark) {
      if (changes.some(({ type }) => type === 'rotation.step') && steps.left-- <= 0) throw new Error('killed')
      return store.commit(tenant, changes, mark)
    },
  })
}

describe('a rotation', () => {
  test.each(['wrap', 'index', 'note'] as const)(
    'of %s: the old version is retired once nothing names it',
    async (kind) => {
      const opened = await openVault()
      for (let i = 0; i < 3; i++) await opened.person(`+86138000000${10 + i}`)
      const done = await rotate(opened.vault, TENANT, kind)
      expect(done).toMatchObject({ level: kind, target: '2', state: 'done', done: kind === 'note' ? 0 : 3 })
      expect(await statesOf(opened, kind)).toEqual(['1 retired', '2 primary'])
      const said = (await opened.said()).slice(-3)
      expect(said.map(({ type, code, counts }) => ({ type, code, counts }))).toEqual([
        { type: 'key.rotation_started', code: kind, counts: { rows: 0, version: 2 } },
        { type: 'key.rotated', code: kind, counts: { rows: done.done, version: 2 } },
        { type: 'key.retired', code: kind, counts: { version: 1 } },
      ])
    },
  )

  test('of data gives each person another key, and every value opens under it alone', async () => {
    const opened = await openVault()
    const { vault } = opened
    const id = await opened.person(PHONE)
    const before = await vault.store.findPerson(TENANT, id)
    await rotate(vault, TENANT, 'data')
    const after = await vault.store.findPerson(TENANT, id)
    const keys = await vault.keyring.tenantKeys(TENANT)
    expect(after?.dataKey?.keyId).not.toBe(before?.dataKey?.keyId)
    expect(openPerson(personKey(keys, TENANT, after!), TENANT, after!).get('phone')).toBe(PHONE)
    expect(() => openPerson(personKey(keys, TENANT, before!), TENANT, after!)).toThrow('cannot be opened')
  })

  test.each(['wrap', 'index', 'data'] as const)(
    'of %s that was killed after any step goes on from there',
    async (level: RotationLevel) => {
      const steps = { left: 0 }
      const opened = await openVault(dyingAfter(steps))
      const persons = await Promise.all(
        Array.from({ length: 60 }, (_, i) => opened.person(`+861380000${1000 + i}`)),
      )
      const kills: number[] = []
      for (let attempt = 0; ; attempt++) {
        steps.left = 1
        const done = await rotate(opened.vault, TENANT, level).catch(() => undefined)
        if (done) {
          expect(done.done).toBe(60)
          break
        }
        kills.push(attempt)
      }
      expect(kills.length).toBeGreaterThan(0)
      const keys = await opened.anotherKeyring().tenantKeys(TENANT)
      for (const person of await opened.vault.store.findPersons(TENANT, persons)) {
        expect(openPerson(personKey(keys, TENANT, person), TENANT, person).size).toBe(1)
      }
      const rows = await opened.vault.store.listIndexRows(TENANT, 0, 100)
      expect(new Set(rows.map(({ keyVersion }) => keyVersion))).toEqual(new Set([level === 'index' ? 2 : 1]))
    },
  )

  test('reaches whoever holds the keys already: a request under way opens what has moved meanwhile', async () => {
    const opened = await openVault()
    const { vault } = opened
    const held = await vault.keyring.tenantKeys(TENANT)
    const id = await opened.person(PHONE)
    const stale = await opened.anotherKeyring().tenantKeys(TENANT)
    await rotate(vault, TENANT, 'wrap')
    const person = await vault.store.findPerson(TENANT, id)
    expect(openPerson(personKey(held, TENANT, person!), TENANT, person!).get('phone')).toBe(PHONE)
    // A set that is not alive has to fail here, or this shows nothing.
    expect(() => personKey(stale, TENANT, person!)).toThrow('A key that this needs is not there.')
  })

  test('of index: a person is found under the old version, in between, and under the new one', async () => {
    const steps = { left: 1_000 }
    const opened = await openVault(dyingAfter(steps))
    const { vault } = opened
    const early = await opened.person(PHONE)
    const find = async () => {
      const keys = await vault.keyring.tenantKeys(TENANT)
      return findByTerm(vault.store, keys, TENANT, { field: 'phone', term: PHONE, limit: 10 })
    }
    expect(await find()).toEqual([early])
    steps.left = 0
    await rotate(vault, TENANT, 'index').catch(() => undefined)
    const late = await opened.person(PHONE)
    expect((await find()).toSorted()).toEqual([early, late].toSorted())
    steps.left = 1_000
    await rotate(vault, TENANT, 'index')
    expect((await find()).toSorted()).toEqual([early, late].toSorted())
  })

  test('an erasure that comes between reading a person and rewrapping the key wins', async () => {
    let erase: (() => Promise<void>) | undefined
    const opened = await openVault((store) => ({
      ...store,
      async commit(tenant, changes, mark) {
        if (changes.some(({ type }) => type === 'data_key.rewrap')) await erase?.()
        return store.commit(tenant, changes, mark)
      },
    }))
    const { store } = opened.vault
    const ids = [await opened.person(PHONE), await opened.person(PHONE)]
    const [victim = 'sub_', neighbour = 'sub_'] = ids
    const before = await store.findPerson(TENANT, victim)
    erase = async () => {
      erase = undefined
      const at = opened.vault.clock.now()
      await store.commit(TENANT, [{ type: 'subject.erase', id: victim, expectedVersion: 1, at }])
    }
    const done = await rotate(opened.vault, TENANT, 'wrap')
    expect(done).toMatchObject({ state: 'done', done: 1 })
    expect(await store.findPerson(TENANT, victim)).toMatchObject({ dataKey: null })
    expect((await store.findPerson(TENANT, neighbour))?.dataKey?.tenantKeyVersion).toBe(2)
    expect(opened.holds(before!.dataKey!.wrapped)).toBe(false)
  })

  test('of session: the old key verifies until no session that it signed can live, and is retired then', async () => {
    const opened = await openVault()
    await rotate(opened.vault, TENANT, 'session')
    expect(await statesOf(opened, 'session')).toEqual(['1 active', '2 primary'])
    expect((await opened.vault.keyring.tenantKeys(TENANT)).session.all.map(({ version }) => version)).toEqual(
      [1, 2],
    )
    opened.pass(2 * HOUR_MS - 1)
    await retireUnneeded(opened.vault, TENANT)
    expect(await statesOf(opened, 'session')).toEqual(['1 active', '2 primary'])
    opened.pass(1)
    await retireUnneeded(opened.vault, TENANT)
    expect(await statesOf(opened, 'session')).toEqual(['1 retired', '2 primary'])
    expect((await opened.vault.keyring.tenantKeys(TENANT)).session.all.map(({ version }) => version)).toEqual(
      [2],
    )
  })
})

test('a tenant from before a kind existed gets its first version when its keys are next asked for, once', async () => {
  // The store of a tenant that was made when there was no kind `log`.
  const opened = await openVault((store) => ({
    ...store,
    commit: (tenant, changes, mark) => {
      const made = changes.some(({ type }) => type === 'tenant.insert')
      const kept = changes.filter(
        (one) => !(made && one.type === 'tenant_key.insert' && one.key.kind === 'log'),
      )
      return store.commit(tenant, kept, mark)
    },
  }))
  expect(await statesOf(opened, 'log')).toEqual([])
  const rings = Array.from({ length: 3 }, () => opened.anotherKeyring())
  const all = await Promise.all(rings.map((ring) => ring.tenantKeys(TENANT)))
  expect(await statesOf(opened, 'log')).toEqual(['1 primary'])
  expect(new Set(all.map(({ log }) => log.primary.key.id)).size).toBe(1)
  expect((await opened.said()).filter(({ type }) => type === 'key.created')).toHaveLength(1)
})
