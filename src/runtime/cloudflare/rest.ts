import { toHex } from '../../core/bytes.ts'
import { VaultError } from '../../core/errors.ts'
import type { Random } from '../../core/id.ts'
import type { SqliteDriver } from '../../storage/sqlite/driver.ts'

// A tenant at rest is on its way to another store, or there already. It stands in the object's storage, beside the database: neither the
// end of an object nor another version of the program wakes it.

/** `id` is another one for each rest: what was read in one is not mixed with what is read in the next. `since` in milliseconds. */
export type Rest = { id: string; since: number }

const KEY = 'rest'
const ID_BYTES = 16

export function restOf({ kv }: DurableObjectStorage): Rest | undefined {
  return kv.get<Rest>(KEY)
}

/** From this turn on no transaction of the vault's is let in. Again, it is the same rest. */
export function putToRest(storage: DurableObjectStorage, random: Random, now: number): Rest {
  const rest = restOf(storage) ?? { id: toHex(random(ID_BYTES)), since: now }
  storage.kv.put(KEY, rest)
  return rest
}

export function endRest({ kv }: DurableObjectStorage): void {
  kv.delete(KEY)
}

/** @throws VaultError `tenant_moving` */
export function requireAwake(storage: DurableObjectStorage): void {
  if (restOf(storage)) {
    throw new VaultError(
      'tenant_moving',
      'This tenant is being moved to another store, or has been. Nothing was done.',
    )
  }
}

/** Looked at in every transaction: a call that began before the rest commits nothing in it. */
export function awakeDriver(driver: SqliteDriver, storage: DurableObjectStorage): SqliteDriver {
  return {
    ...driver,
    transaction(run) {
      requireAwake(storage)
      return driver.transaction(run)
    },
  }
}
