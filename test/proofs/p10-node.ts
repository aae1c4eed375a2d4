import { once } from 'node:events'
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { openHarness } from '../http/harness.ts'
import type { Harness } from '../http/harness.ts'
import { openSqlite } from '../http/open-store.ts'
import { toHex } from '../../src/core/bytes.ts'
import type { Change } from '../../src/vault/changes.ts'
import { setQuotaPerDay } from '../../src/vault/principals/tenants.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import { TENANT } from './service-process.ts'

/** How the store of a node is changed, so that the same check runs where it has to fail. */
export type StoreChange = (store: VaultStore) => VaultStore

export type Node = { url: string; close(): void }

/** Where it is revoked, and where it is asked: the store of the latter is as `change` makes it. */
export type Pair = {
  control: Node
  lane: Node
  platform: string
  store: VaultStore
  close(): Promise<void>
}
export type OpenPair = (change: StoreChange) => Promise<Pair>

/** The whole service in this process, over a real socket; one node is both. */
export const openAlone: OpenPair = async (change) => {
  const openStore = async () => {
    const { store, close } = await openSqlite()
    return { store: change(store), close }
  }
  const harness = await openHarness({ openStore })
  const platform = await addPlatform(harness)
  const node = await listen(harness)
  return {
    control: node,
    lane: node,
    platform,
    store: harness.store,
    async close() {
      node.close()
      await harness.close()
    },
  }
}

/** @returns the tenant's credential, with a quota that no race reaches. */
export async function addPlatform(harness: Harness): Promise<string> {
  const platform = await harness.addTenant(TENANT)
  await setQuotaPerDay(harness.vault, TENANT, 1_000_000)
  return platform
}

export async function listen({ app }: Harness): Promise<Node> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Broken: what a yes rested on is not looked at again when it is committed. */
export const withoutExpectations: StoreChange = (store) => ({
  ...store,
  commit: (tenant, changes) =>
    store.commit(
      tenant,
      changes.filter(({ type }) => !type.startsWith('expect.')),
    ),
})

const CACHED_MS = 50

/** Broken: who calls and what may be seen is remembered for a moment, and not looked at again either. */
export const withCachedYes: StoreChange = (store) => ({
  ...withoutExpectations(store),
  findCaller: cached((...args) => store.findCaller(...args)),
  findSession: cached((...args) => store.findSession(...args)),
  findParcels: cached((...args) => store.findParcels(...args)),
  findTokensWithPersons: cached((...args) => store.findTokensWithPersons(...args)),
  listStandingGrants: cached((...args) => store.listStandingGrants(...args)),
})

function cached<Args extends readonly unknown[], Row>(
  read: (...args: Args) => Promise<Row>,
): (...args: Args) => Promise<Row> {
  const rows = new Map<string, { row: Promise<Row>; until: number }>()
  return (...args) => {
    const name = args.map((arg) => (arg instanceof Uint8Array ? toHex(arg) : JSON.stringify(arg))).join()
    const known = rows.get(name)
    if (known && known.until > performance.now()) return known.row
    const row = read(...args)
    rows.set(name, { row, until: performance.now() + CACHED_MS })
    return row
  }
}

/** Lets a test stand between what a disclosure was decided on and its commit. */
export class Gate {
  #reached: PromiseWithResolvers<void> | undefined
  #opened = Promise.withResolvers<void>()

  /** The next disclosure is held. @returns when it has come. */
  arm(): Promise<void> {
    this.#reached = Promise.withResolvers()
    this.#opened = Promise.withResolvers()
    return this.#reached.promise
  }

  open(): void {
    this.#opened.resolve()
  }

  readonly change: StoreChange = (store) => ({
    ...store,
    commit: async (tenant, changes) => {
      if (this.#reached && changes.some(discloses)) {
        this.#reached.resolve()
        this.#reached = undefined
        await this.#opened.promise
      }
      return store.commit(tenant, changes)
    },
  })
}

const DISCLOSES = ['reveal.allowed', 'mask.shown', 'person.viewed']

function discloses(change: Change): boolean {
  return change.type === 'event.append' && DISCLOSES.includes(change.event.event.type)
}
