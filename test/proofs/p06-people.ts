import { integrateLogs } from '../../src/vault/log/integrate.ts'
import { setQuotaPerDay } from '../../src/vault/principals/tenants.ts'
import type { TenantId } from '../../src/core/id.ts'
import type { EvidenceBundle } from '../../src/tlog/evidence.ts'
import { openWorld } from '../http/world.ts'
import type { Tokens, World } from '../http/world.ts'
import { PERSON, TO_THE_DOOR } from '../http/world.ts'

/** A row of `GET /v1/me/accesses`. */
export type AccessRow = Record<string, unknown> & { event: string; at: string }

export type Someone = { subject: string; rows: AccessRow[]; bundle: EvidenceBundle & { vkey: string } }

export type PeopleSize = {
  people: number
  /** How often each of them is looked at by a shop, and by a courier. */
  looks: number
}

const A_CALL = 100

/** A service with people of whom shops and couriers have seen something, and what each of them gets to see of that. */
export async function openPeople(size: PeopleSize): Promise<{ world: World; people: Someone[] }> {
  const world = await openWorld()
  await setQuotaPerDay(world.vault, 'default' as TenantId, 1_000_000)
  const customers = await bringIn(world, size.people)
  const waybills = await Promise.all(customers.map((customer, i) => ship(world, customer.tokens, i)))
  for (let i = 0; i < size.looks; i++) {
    const masked = customers.map(({ tokens }, n) => ({ key: `k${n}`, token: tokens.phone }))
    await inBatches(masked, (items) => world.ok(world.shop.credential, '/v1/mask', { items }))
    const carried = waybills.map((waybill, n) => ({ key: `k${n}`, waybill }))
    const scan = { purpose: 'delivery', operator: { id: `emp-${i}`, device: 'hh-1' } }
    await inBatches(carried, (items) => world.ok(world.courier.credential, '/v1/reveal', { ...scan, items }))
  }
  await integrateLogs(world.vault)
  const people: Someone[] = []
  for (const { subject } of customers) people.push(await whatIsSeen(world, subject))
  return { world, people }
}

async function bringIn(world: World, count: number): Promise<{ subject: string; tokens: Tokens }[]> {
  const items = Array.from({ length: count }, (_, i) => ({
    key: `k${i}`,
    external_ref: `u-${i}`,
    person: PERSON,
  }))
  const brought: { subject: string; tokens: Tokens }[] = []
  await inBatches(items, async (some) => {
    const { body } = await world.ok(world.platform, '/v1/tokenize', { party: world.shop.id, items: some })
    brought.push(...body.items)
  })
  return brought
}

async function inBatches<Item>(
  items: readonly Item[],
  send: (some: Item[]) => Promise<unknown>,
): Promise<void> {
  for (let at = 0; at < items.length; at += A_CALL) await send(items.slice(at, at + A_CALL))
}

async function ship(world: World, tokens: Tokens, n: number): Promise<string> {
  const { id, waybill } = await world.ship(tokens, `SO-${n}`)
  await world.move(id, ...TO_THE_DOOR)
  return waybill
}

/** As the person does it: signs in, reads the list to its end, and takes the evidence. */
async function whatIsSeen(world: World, subject: string): Promise<Someone> {
  const session = await world.signIn(subject)
  const rows: AccessRow[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await world.ok(session, `/v1/me/accesses?limit=100${cursor && `&cursor=${cursor}`}`)
    rows.push(...body.items)
    cursor = body.next_cursor
  }
  const { body: bundle } = await world.ok(session, '/v1/me/evidence')
  return { subject, rows, bundle }
}
