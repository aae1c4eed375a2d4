import { onTestFinished } from 'vitest'
import { isVaultError } from '../../src/core/errors.ts'
import type { Change } from '../../src/vault/changes.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import { ACME, newTenant, storeParcel, storePerson } from '../storage/sample.ts'
import type { OpenStore, OpenedStore } from './store-contract.ts'

export type Fixture = Awaited<ReturnType<typeof stocked>>

export async function opened(openStore: OpenStore): Promise<OpenedStore> {
  const store = await openStore()
  onTestFinished(() => store.close())
  return store
}

/** An open store with a tenant, a person and that person's parcel. */
export async function stocked(openStore: OpenStore) {
  const { store, ...rest } = await opened(openStore)
  const world = newTenant(ACME)
  const person = storePerson(world.merchant, 'customer-1')
  const parcel = storeParcel(person, world.merchant, world.courier)
  await store.commit(ACME, [...world.changes, ...person.changes, ...parcel.changes])
  return { ...rest, store, world, person, parcel }
}

/** `kept`, or the code of the refusal. Whatever else is thrown fails the test. */
export async function outcome(store: VaultStore, changes: readonly Change[], tenant = ACME): Promise<string> {
  try {
    await store.commit(tenant, changes)
    return 'kept'
  } catch (error) {
    if (isVaultError(error)) return error.code
    throw error
  }
}
