import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { durableDriver, openDrizzle } from '../../src/runtime/cloudflare/durable-driver.ts'
import { migrateObject } from '../../src/runtime/cloudflare/migrations.ts'
import { sqliteStore } from '../../src/storage/sqlite/store.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import type { OpenedStore } from '../contract/store-contract.ts'

type Stub = ReturnType<typeof env.VAULT.getByName>

/** A store over the storage of an object of its own, which nothing else has opened. */
export async function openInObject(): Promise<OpenedStore> {
  const stub = env.VAULT.getByName(`store-${crypto.randomUUID()}`)
  let store = await openOver(stub)
  return {
    store,
    async reopen() {
      await store.close()
      await evictDurableObject(stub)
      store = await openOver(stub)
      return store
    },
    dump: () => runInDurableObject(stub, (_, { storage }) => dumpTables(storage)),
    close: () => store.close(),
  }
}

async function openOver(stub: Stub): Promise<VaultStore> {
  const inside = await runInDurableObject(stub, async (_, { storage }) => {
    const db = openDrizzle(storage)
    await migrateObject(db)
    return sqliteStore(durableDriver(storage, db), {
      onFatal(cause) {
        throw cause
      },
    })
  })
  return fromOutside(stub, inside)
}

type Methods = Record<string, (...args: unknown[]) => unknown>

/** Storage can be touched inside its object alone: every call goes in as a request of its own, as real ones do. */
function fromOutside(stub: Stub, inside: VaultStore): VaultStore {
  const methods = inside as unknown as Methods
  const calls = Object.keys(methods).map((name) => {
    const call = (...args: unknown[]) => methods[name]!(...args)
    return [
      name,
      name === 'mark' ? call : (...args: unknown[]) => runInDurableObject(stub, () => call(...args)),
    ]
  })
  return Object.fromEntries(calls) as VaultStore
}

/** Every row of every table but the platform's and the migrator's, blobs as hex, in the order of their keys. */
function dumpTables({ sql }: DurableObjectStorage): Record<string, unknown[]> {
  const names = sql
    .exec<{ name: string }>(
      `select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\' order by name`,
    )
    .toArray()
  return Object.fromEntries(
    names.map(({ name }) => [name, sql.exec(`select * from ${name}`).toArray().map(printable)]),
  )
}

function printable(row: Record<string, SqlStorageValue>): Record<string, unknown> {
  const entries = Object.entries(row).map(([column, value]) => [
    column,
    value instanceof ArrayBuffer ? Buffer.from(value).toString('hex') : value,
  ])
  return Object.fromEntries(entries) as Record<string, unknown>
}
