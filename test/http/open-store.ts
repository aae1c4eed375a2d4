import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../src/runtime/node/sqlite.ts'
import type { VaultStore } from '../../src/vault/store.ts'

/** What an engine must offer to be put through the HTTP suite: a fresh, empty store of its own. */
export type OpenStore = () => Promise<{ store: VaultStore; close: () => Promise<void> }>

export const openSqlite: OpenStore = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cloakroom-http-'))
  const { store, close } = await openSqliteStore(folder, {
    onFatal(error) {
      throw error
    },
  })
  return {
    store,
    async close() {
      await close()
      await rm(folder, { recursive: true })
    },
  }
}

const openPostgres: OpenStore = async () => {
  // Only where it is asked for: it can be had under vitest alone.
  const { newPlace, openAt, removePlace } = await import('../postgres/opened.ts')
  const place = newPlace()
  const { store, close } = await openAt(place)
  return { store, close: () => close().then(() => removePlace(place)) }
}

const ENGINES: Readonly<Record<string, OpenStore>> = { sqlite: openSqlite, postgres: openPostgres }

/** The engine that this run of the suite is about: `CLOAKROOM_TEST_ENGINE`, SQLite if unset. */
export const openStore: OpenStore = () => {
  const name = process.env['CLOAKROOM_TEST_ENGINE'] ?? 'sqlite'
  const open = ENGINES[name]
  if (!open) throw new Error(`no such engine: ${name}`)
  return open()
}
