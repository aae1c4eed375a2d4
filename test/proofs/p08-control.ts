import { randomBytes } from 'node:crypto'
import { parseTenantId } from '../../src/core/id.ts'
import type { TenantId } from '../../src/core/id.ts'
import { instant } from '../../src/core/time.ts'
import { newCredential } from '../../src/crypto/credential.ts'
import { newKey } from '../../src/crypto/envelope.ts'
import { localKek } from '../../src/crypto/kek.ts'
import type { Change } from '../../src/vault/changes.ts'
import { Keyring, newDataKey } from '../../src/vault/keys/keyring.ts'
import { rotate } from '../../src/vault/keys/rotate.ts'
import { createTenant } from '../../src/vault/principals/tenants.ts'
import { putField } from '../../src/vault/records/values.ts'
import { Channels } from '../../src/vault/incidents/notices/channel.ts'
import { InFlight } from '../../src/vault/requests/idempotency.ts'
import { WatchMemory } from '../../src/vault/watch/memory.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import type { Vault } from '../../src/vault/vault.ts'
import { openSqlite } from '../http/open-store.ts'
import { AT, subject } from '../storage/sample.ts'
import { checkStored } from './p08-rotating.ts'

const PERSONS = 10
const TENANT = parseTenantId('default') as TenantId
const random = (length: number) => new Uint8Array(randomBytes(length))

/** A store that writes something else than the rotation asked for. */
function breaking(store: VaultStore, change: (one: Change) => Change): VaultStore {
  return { ...store, commit: (tenant, changes, mark) => store.commit(tenant, changes.map(change), mark) }
}

/** The new wrapped key under the old version's number. */
function underOldNumber(change: Change): Change {
  if (change.type !== 'data_key.rewrap') return change
  return { ...change, dataKey: { ...change.dataKey, tenantKeyVersion: change.from } }
}

/** The new number, and the wrapped key as it was. */
function numberAlone(olds: Olds): (change: Change) => Change {
  return (change) => {
    if (change.type !== 'data_key.rewrap') return change
    return {
      ...change,
      dataKey: { ...change.dataKey, wrapped: olds.get(change.subject) ?? change.dataKey.wrapped },
    }
  }
}

/** A fresh data key, and the values still under the old one. */
function keyWithoutValues(change: Change): Change {
  return change.type === 'field.put' ? { type: 'expect.subject', id: change.subject, version: 2 } : change
}

/** @returns how many of the persons each broken job loses, as the check finds it; 0 for the sound one. */
export async function breakEach(): Promise<Readonly<Record<string, number>>> {
  return {
    sound: await lostBy('wrap', () => (change) => change),
    'old number': await lostBy('wrap', () => underOldNumber),
    'number alone': await lostBy('wrap', numberAlone),
    'key without values': await lostBy('data', () => keyWithoutValues),
  }
}

type Olds = ReadonlyMap<string, Uint8Array>

async function lostBy(
  level: 'wrap' | 'data',
  how: (olds: Olds) => (change: Change) => Change,
): Promise<number> {
  const { store, close } = await openSqlite()
  try {
    const vault = await stocked(store)
    const rows = await store.listDataKeys(TENANT, 0, PERSONS)
    const olds: Olds = new Map(rows.map((row) => [row.subject, row.dataKey.wrapped]))
    // A broken job may well stop at what it broke itself.
    await rotate({ ...vault, store: breaking(store, how(olds)) }, TENANT, level).catch(() => undefined)
    return (await checkStored(vault, TENANT)).length
  } finally {
    await close()
  }
}

async function stocked(store: VaultStore): Promise<Vault> {
  const clock = { now: () => instant(AT) }
  const keyring = new Keyring({ store, kek: localKek(newKey(random)), clock, random })
  const rest = {
    inFlight: new InFlight(),
    watch: new WatchMemory(),
    channels: new Channels(),
    publicUrl: 'https://vault.test',
    logName: 'vault.test/log',
  }
  const vault: Vault = { store, keyring, clock, random, ...rest }
  await createTenant(vault, TENANT, newCredential(TENANT, random))
  const keys = await keyring.tenantKeys(TENANT)
  for (let i = 0; i < PERSONS; i++) {
    const person = subject('platform')
    const at = { tenant: TENANT, subject: person.id }
    const { key, wrapped: dataKey } = newDataKey(keys, at, random)
    await store.commit(TENANT, [
      { type: 'subject.insert', subject: person, dataKey },
      putField(keys, key, at, { field: 'phone', version: 1, value: `+8613800000${String(100 + i)}` }),
    ])
  }
  return vault
}
