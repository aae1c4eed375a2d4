import { customType } from 'drizzle-orm/sqlite-core'
import { VaultError } from '../../core/errors.ts'
import type { KeyState } from '../../vault/keys/tenant-key.ts'

// A row that keeps its length is overwritten where it lies (btree.c, sqlite3BtreeInsert: "the new entry is the same size as
// the original"), and no page ever holds a second copy of it. SQLite stores an integer in as few bytes as it takes, 0 and 1
// in none at all (file format §2.1), so what may change beside a wrapped key is stored in numbers that all take as many.

/** Two bytes for 128–32,767. */
const FIRST_VERSION_STORED = 128
const MAX_KEY_VERSION = 32_767 - FIRST_VERSION_STORED + 1

/** A version of a tenant's key, 1 stored as 128. */
export const keyVersion = customType<{ data: number; driverData: number }>({
  dataType: () => 'integer',
  toDriver: (version) => {
    if (version >= 1 && version <= MAX_KEY_VERSION) return version + FIRST_VERSION_STORED - 1
    throw new VaultError('internal', 'Internal error.', { detail: `no room for key version ${version}` })
  },
  fromDriver: (stored) => stored - FIRST_VERSION_STORED + 1,
})

/** One byte each. A number is part of stored rows: none is ever used again. */
const STATE_NUMBERS: Record<KeyState, number> = { primary: 2, active: 3, retired: 4, destroyed: 5 }
const STATES = new Map(Object.entries(STATE_NUMBERS).map(([state, number]) => [number, state as KeyState]))

export const keyState = customType<{ data: KeyState; driverData: number }>({
  dataType: () => 'integer',
  toDriver: (state) => STATE_NUMBERS[state],
  fromDriver: (stored) => {
    const state = STATES.get(stored)
    if (state === undefined) throw new TypeError(`no key state has the number ${stored}`)
    return state
  },
})
