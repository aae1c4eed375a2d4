import { MINUTE_MS, after } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import type { Caller } from './caller.ts'
import type { DrillClock } from './drill-clock.ts'
import { madePerson } from './persons.ts'

/** Calls that are under way at once, as a service has them. */
const WIDTH = 32
/** Items of one call. */
const BATCH = 100

const SHOPS = ['Nordwind Outfitters', '西湖茶行', 'Harbour Books'] as const
const COURIERS = ['Fleet Parcel', 'Blue Van'] as const
/** Who scans on an ordinary day, and with what. */
const OPERATORS = ['emp-1', 'emp-2', 'emp-3'] as const
const DEVICES = ['hh-0001', 'hh-0002', 'hh-0003'] as const

export type Party = { id: string; name: string; caller: Caller }
export type Scanner = { caller: Caller; operator: { id: string; device: string } }
export type MadeVault = { shops: readonly Party[]; couriers: readonly Party[]; parcels: readonly Parcel[] }
export type Parcel = { waybill: string; courier: Party; person: number }

type As = (credential: string) => Caller
type Tokens = { name: string; phone: string; address: string }

/** Shops, couriers and customers of a few ordinary days, which end with `until`. Every parcel is out for delivery. */
export async function makeVault(
  platform: Caller,
  as: As,
  clock: DrillClock,
  { persons, days }: { persons: number; days: readonly Instant[] },
): Promise<MadeVault> {
  const party = (kind: string) => (name: string) => takeOn(platform, as, kind, name)
  const shops = await inTurn(SHOPS, party('merchant'))
  const couriers = await inTurn(COURIERS, party('courier'))
  const parcels: Parcel[] = []
  const numbers = Array.from({ length: persons }, (_, n) => n)
  for (const [day, at] of days.entries()) {
    clock.be(at)
    const todays = numbers.filter((n) => n % days.length === day)
    for (const [at, shop] of shops.entries()) {
      const own = todays.filter((n) => n % shops.length === at)
      const tokens = await storePersons(shop, own)
      await lookAtMasked(shop, tokens)
      parcels.push(...(await sendParcels(shop, couriers, own, tokens)))
    }
    clock.be(after(at, MINUTE_MS))
    await scanAll(parcels.slice(-todays.length))
  }
  return { shops, couriers, parcels }
}

export async function issueKey(platform: Caller, as: As, party: string, label: string) {
  const { id, secret } = await platform.ask<{ id: string; secret: string }>(
    `/v1/parties/${party}/credentials`,
    { body: { label } },
  )
  return { id, caller: as(secret) }
}

async function takeOn(platform: Caller, as: As, kind: string, name: string): Promise<Party> {
  const { id } = await platform.ask<{ id: string }>('/v1/parties', { body: { kind, name } })
  await platform.ask(`/v1/parties/${id}/status`, { body: { status: 'active', reason: 'drill' } })
  const { caller } = await issueKey(platform, as, id, 'main')
  return { id, name, caller }
}

type Stored = { status: string; tokens?: Tokens; errors?: readonly { pointer: string; code: string }[] }

async function storePersons({ caller }: Party, numbers: readonly number[]): Promise<readonly Tokens[]> {
  const batches = inBatches(numbers.map(madePerson))
  const answers = await inTurn(batches, (items) =>
    caller.ask<{ items: Stored[] }>('/v1/tokenize', { body: { items } }),
  )
  return answers.flatMap(({ items }) => items.map(tokensOf))
}

function tokensOf({ tokens, errors }: Stored): Tokens {
  if (tokens) return tokens
  throw new Error(`a made-up person was refused: ${JSON.stringify(errors)}`)
}

async function lookAtMasked({ caller }: Party, tokens: readonly Tokens[]): Promise<void> {
  for (const batch of inBatches(tokens)) {
    const items = batch.map(({ name }, i) => ({ key: `k${i}`, token: name }))
    await caller.ask('/v1/mask', { body: { items } })
  }
}

async function sendParcels(
  shop: Party,
  couriers: readonly Party[],
  numbers: readonly number[],
  tokens: readonly Tokens[],
): Promise<Parcel[]> {
  return sideBySide(numbers, async (person, at) => {
    const courier = couriers[Math.floor(person / 2) % couriers.length] as Party
    const { name, phone, address } = tokens[at] as Tokens
    const recipient = { name, phone, address }
    const body = { order_ref: `SO-${person}`, courier: courier.id, recipient }
    const { id, waybill } = await shop.caller.ask<{ id: string; waybill: string }>('/v1/shipments', { body })
    for (const stage of ['picked_up', 'out_for_delivery']) {
      await courier.caller.ask(`/v1/shipments/${id}/stage`, { body: { stage } })
    }
    return { waybill, courier, person }
  })
}

/** The couriers' ordinary work. */
async function scanAll(parcels: readonly Parcel[]): Promise<void> {
  await sideBySide(parcels, ({ waybill, courier, person }) => {
    const round = person % OPERATORS.length
    const operator = { id: OPERATORS[round] ?? '', device: DEVICES[round] ?? '' }
    return scan({ caller: courier.caller, operator }, [waybill])
  })
}

/** One call for these parcels. @throws VaultError if one of them is refused: then the drill's vault is not as it was meant. */
export async function scan({ caller, operator }: Scanner, waybills: readonly string[]): Promise<void> {
  for (const batch of inBatches(waybills)) {
    const items = batch.map((waybill, i) => ({ key: `k${i}`, waybill }))
    const body = { purpose: 'delivery', operator, items }
    const answer = await caller.ask<{ items: { status: string; code?: string }[] }>('/v1/reveal', { body })
    const refused = answer.items.find(({ status }) => status !== 'ok')
    if (refused) throw new Error(`a parcel of the drill was refused: ${refused.code ?? refused.status}`)
  }
}

function inBatches<Item>(items: readonly Item[]): Item[][] {
  const starts = Array.from({ length: Math.ceil(items.length / BATCH) }, (_, i) => i * BATCH)
  return starts.map((from) => items.slice(from, from + BATCH))
}

async function inTurn<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (const item of items) results.push(await work(item))
  return results
}

async function sideBySide<Item, Result>(
  items: readonly Item[],
  work: (item: Item, at: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const left = items.entries()
  const worker = async () => {
    for (const [at, item] of left) results[at] = await work(item, at)
  }
  await Promise.all(Array.from({ length: WIDTH }, worker))
  return results
}
