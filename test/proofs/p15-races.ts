import { DAY_MS } from '../../src/core/time.ts'
import { isVaultError } from '../../src/core/errors.ts'
import { readLeaf } from '../../src/vault/audit/event.ts'
import type { Change } from '../../src/vault/changes.ts'
import { setQuotaPerDay } from '../../src/vault/principals/tenants.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import type { World } from '../http/world.ts'
import { bringIn, reveal, revealAtOnce, tally } from './p15-reveals.ts'
import type { Given, Item, Race } from './p15-reveals.ts'
import { TENANT } from './service-process.ts'

/** What a round saw: how far beyond the limit it went, and whatever else was wrong. */
export type Round = { ok: number; denied: number; beyond: number; triedAgain: number; failures: string[] }

export type StoreChange = (store: VaultStore) => VaultStore

const ITEMS_A_BATCH = 100

/** A fresh service, with its store as `change` makes it. */
export type OpenChanged = (change: StoreChange) => Promise<World>

const asItIs: StoreChange = (store) => store

/** Rounds of every race on one service, each on a day of its own. */
export async function runRounds(
  { rounds, parallel }: { rounds: number; parallel: number },
  open: OpenChanged,
  change = asItIs,
): Promise<Round[]> {
  const world = await open(change)
  const done: Round[] = []
  for (let i = 0; i < rounds; i++) {
    for (const race of [raceForUses, raceForUsesInPairs, raceForTheDay, raceInBatches, raceMixed]) {
      done.push(await race(world, parallel))
      world.pass(DAY_MS)
    }
  }
  await world.close()
  return done
}

const USES = 10

/** One item, one grant of ten uses, asked for by everybody at once. */
async function raceForUses(world: World, parallel: number): Promise<Round> {
  const { item, uses } = await withUses(world)
  const race = await logged(world, () =>
    revealAtOnce(
      world,
      Array.from({ length: parallel }, () => [item]),
      LEGAL,
    ),
  )
  return roundOf(race, { limit: USES, asked: parallel, code: 'grant_exhausted', taken: await uses() })
}

/** The same, each call asking twice: a call takes both uses, or the last one, or none. */
async function raceForUsesInPairs(world: World, parallel: number): Promise<Round> {
  const { item, uses } = await withUses(world)
  const calls = Array.from({ length: parallel / 2 }, () => [
    { ...item, key: 'a' },
    { ...item, key: 'b' },
  ])
  const race = await logged(world, () => revealAtOnce(world, calls, LEGAL))
  return roundOf(race, { limit: USES, asked: parallel, code: 'grant_exhausted', taken: await uses() })
}

/** A tenth of what is asked for is allowed this day, one item a call. */
async function raceForTheDay(world: World, parallel: number): Promise<Round> {
  return raceForQuota(world, parallel / 10, (items) => items.map((item) => [item]), parallel)
}

/** A quarter of it, in whole batches: the limit falls into the middle of one. */
async function raceInBatches(world: World, parallel: number): Promise<Round> {
  return raceForQuota(world, parallel / 4 + 1, batchesOf, parallel)
}

/** Half of it, in batches and single items together. */
async function raceMixed(world: World, parallel: number): Promise<Round> {
  const cut = parallel / 2
  const both = (items: readonly Item[]) => [
    ...batchesOf(items.slice(0, cut)),
    ...items.slice(cut).map((item) => [item]),
  ]
  return raceForQuota(world, parallel / 2 + 1, both, parallel)
}

const LEGAL = { purpose: 'legal' }

function batchesOf(items: readonly Item[]): Item[][] {
  const starts = Array.from({ length: Math.ceil(items.length / ITEMS_A_BATCH) }, (_, i) => i * ITEMS_A_BATCH)
  return starts.map((start) => items.slice(start, start + ITEMS_A_BATCH))
}

async function withUses(world: World): Promise<{ item: Item; uses: () => Promise<number> }> {
  await setQuotaPerDay(world.vault, TENANT, undefined)
  const { subject, tokens } = await world.addCustomer(`uses-${world.now()}`)
  const of = {
    subject,
    party: world.shop.id,
    purpose: 'legal',
    basis: 'consent',
    until: '2099-01-01T00:00:00Z',
  }
  const { id } = (
    await world.ok(world.platform, '/v1/grants', { ...of, fields: { phone: 'full' }, uses_max: USES })
  ).body
  return {
    item: { key: 'a', token: tokens.phone, order_ref: 'SO-1' },
    async uses() {
      const { items } = (await world.ok(world.platform, `/v1/grants?subject=${subject}`)).body
      return items.find((grant: { id: string }) => grant.id === id).uses as number
    },
  }
}

async function raceForQuota(
  world: World,
  limit: number,
  split: (items: readonly Item[]) => Item[][],
  asked: number,
): Promise<Round> {
  await setQuotaPerDay(world.vault, TENANT, limit)
  const items = await bringIn(world, asked)
  const race = await logged(world, () => revealAtOnce(world, split(items)))
  // One more, which is free or denied, tells what the day came to.
  const { quota } = (await reveal(world, [items[0]!])).body as Given
  return roundOf(race, { limit, asked, code: 'quota_exhausted', taken: quota.limit - quota.remaining })
}

/** Runs a race and holds its answers against the log: each item, with its event, by type and code. */
async function logged(world: World, run: () => Promise<Race>): Promise<Race> {
  const before = (await world.store.logHead(TENANT)).size
  const race = await run()
  const page = { limit: 1_000_000, after: String(before - 1) }
  const { rows } = await world.store.listEvents(TENANT, { order: 'oldest' }, page)
  const events = new Map(rows.map(({ id, bytes }) => [id as string, readLeaf(bytes)]))
  const reveals = [...events.values()].filter(({ type }) => String(type).startsWith('reveal.'))
  const answered = race.answers.flatMap(({ items }) => items)
  for (const { status, code, event = '' } of answered) {
    const leaf = events.get(event)
    const fits = status === 'ok' ? leaf?.['type'] === 'reveal.allowed' : leaf?.['code'] === code
    if (!fits) race.failures.push(`answered ${code ?? status}, logged ${JSON.stringify(leaf)}`)
  }
  if (reveals.length !== answered.length)
    race.failures.push(`${answered.length} answers, ${reveals.length} events`)
  return race
}

type Due = { limit: number; asked: number; code: string; taken: number }

function roundOf({ answers, triedAgain, failures }: Race, { limit, asked, code, taken }: Due): Round {
  const { ok = 0, [code]: denied = 0 } = tally(answers)
  const exact = ok === limit && denied === asked - limit && taken === limit
  const wrong = exact ? [] : [`${ok} of ${limit} allowed, ${denied} ${code}, ${taken} taken`]
  return { ok, denied, beyond: Math.max(0, ok - limit), triedAgain, failures: [...failures, ...wrong] }
}

/** Broken: counters that are set, not guarded. Whoever read that something was left, takes it. */
export const unguarded: StoreChange = (store) => ({
  ...store,
  async commit(tenant, changes) {
    const charged = changes.map((change): Change =>
      change.type === 'quota.charge' ? { ...change, limit: Number.MAX_SAFE_INTEGER } : change,
    )
    try {
      await store.commit(tenant, charged)
    } catch (error) {
      const others = charged.filter(({ type }) => type !== 'grant.consume')
      if (!isVaultError(error, 'conflict') || others.length === charged.length) throw error
      await store.commit(tenant, others)
    }
  },
})
