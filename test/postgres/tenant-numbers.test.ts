import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { postgresDriver, writerOf } from '../../src/runtime/node/postgres.ts'
import type { PostgresDriver } from '../../src/storage/postgres/driver.ts'
import { shared } from '../../src/storage/postgres/shared-reads.ts'
import type { Share } from '../../src/storage/postgres/shared-reads.ts'
import { NO_TENANT, tenantNumbers } from '../../src/storage/postgres/tenants.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import { ACME, OTHER, newTenant } from '../storage/sample.ts'
import { newPlace, openAt, removePlace } from './opened.ts'

let store: VaultStore
let driver: PostgresDriver
let close: () => Promise<void>

beforeEach(async () => {
  const place = newPlace()
  const opened = await openAt(place)
  store = opened.store
  await store.commit(ACME, newTenant(ACME).changes)
  driver = postgresDriver(writerOf(place.url, place.options), place.options)
  close = async () => {
    await driver.close()
    await opened.close()
    await removePlace(place)
  }
})
afterEach(() => close())

/** @returns in which order they went on who asked at once, while the first statement was under way, and after its answer. */
async function wentOn(share: Share): Promise<number[]> {
  const numbers = tenantNumbers(driver.db, share)
  const order: number[] = []
  const ask = async (caller: number) => {
    expect(await numbers.of(ACME)).toBeGreaterThan(NO_TENANT)
    order.push(caller)
  }
  const atOnce = Array.from({ length: 10 }, (_, i) => ask(i))
  await turn()
  const meanwhile = Array.from({ length: 10 }, (_, i) => ask(10 + i))
  await Promise.race(atOnce)
  await turn()
  await Promise.all([...atOnce, ...meanwhile, ask(20)])
  return order
}

const inTurn = Array.from({ length: 21 }, (_, i) => i)

/** Broken: each has a statement of its own, and whoever comes later may have its answer sooner. */
const jumbled: Share = (many) => {
  let asked = 0
  return async (tenant, asks) => {
    const waitMs = 5 * (20 - asked++)
    const rows = await many.read(tenant, asks)
    await sleep(waitMs)
    return rows
  }
}

test('those who ask for a tenant that is not known yet go on in the order in which they came', async () => {
  expect(await wentOn(shared)).toEqual(inTurn)
})

test('negative control: with a statement each they overtake one another', async () => {
  expect(await wentOn(jumbled)).not.toEqual(inTurn)
})

/** @returns the number of a tenant that was made while somebody else was asking for it, for who asks after that. */
async function askedAfterMaking(share: Share): Promise<number> {
  let answer = () => {}
  const answered = new Promise<void>((resolve) => (answer = resolve))
  let read = () => {}
  const wasRead = new Promise<void>((resolve) => (read = resolve))
  const numbers = tenantNumbers(driver.db, (many) =>
    share({
      ...many,
      async read(tenant, asks) {
        const rows = await many.read(tenant, asks)
        read()
        await answered
        return rows
      },
    }),
  )
  const before = numbers.of(OTHER)
  await wasRead
  await store.commit(OTHER, newTenant(OTHER).changes)
  const after = numbers.of(OTHER)
  answer()
  expect(await before).toBe(NO_TENANT)
  return after
}

test('who asks after a tenant was made finds it, whoever else is still being told that there is none', async () => {
  expect(await askedAfterMaking(shared)).toBeGreaterThan(NO_TENANT)
})

test('negative control: whoever waits for what is under way does not', async () => {
  const stale: Share = (many) => {
    let under: ReturnType<typeof many.read> | undefined
    return async (tenant, asks) => (under ??= many.read(tenant, asks).finally(() => (under = undefined)))
  }
  expect(await askedAfterMaking(stale)).toBe(NO_TENANT)
})
