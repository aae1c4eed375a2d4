import { randomUUID } from 'node:crypto'
import type { Canary, CanaryPerson } from './p09-p12-canary.ts'
import { itemOf, makePerson, notePerson, noteSent } from './p09-p12-canary.ts'
import { Caller } from './p09-p12-caller.ts'
import type { Body, Line } from './p09-p12-caller.ts'

/** Everything that is ever done with a person, as its callers do it. */

export type Party = { id: string; caller: Caller }
export type World = { line: Line; platform: Caller; shop: Party; courier: Party }
export type Tokens = Record<'name' | 'phone' | 'email' | 'address', string>

/** A call that was made once with an `Idempotency-Key`, to be made again. */
type Kept = { caller: Caller; path: string; body: unknown; key: string }

/** A canary that lives in the vault, with all by which its callers know it. */
export type Resident = {
  canary: Canary
  subject: string
  tokens: Tokens
  orderRef: string
  shipment: string
  waybill: string
  /** The person's own session. */
  own: Caller
  retries: readonly Kept[]
}

const DAY_MS = 24 * 60 * 60 * 1000
const OPERATOR = { id: 'emp-17', device: 'hh-0042' }

export async function makeWorld(line: Line, platformKey: string, contact?: string): Promise<World> {
  const platform = new Caller(line, platformKey)
  const party = async (kind: string): Promise<Party> => {
    const { id } = await platform.must('/v1/parties', {
      kind,
      name: `one ${kind}`,
      ...(contact && { contact }),
    })
    await platform.must(`/v1/parties/${id}/status`, { status: 'active', reason: contact ?? 'checked' })
    const { secret } = await platform.must(`/v1/parties/${id}/credentials`, { label: 'first' })
    return { id, caller: new Caller(line, secret) }
  }
  return { line, platform, shop: await party('merchant'), courier: await party('courier') }
}

export async function everyFlow(world: World, canary: Canary): Promise<Resident> {
  const retries: Kept[] = []
  /** Does it twice: the repetition has its effect once. */
  const twice = async (caller: Caller, path: string, body: unknown): Promise<Body> => {
    const kept = { caller, path, body, key: `${path} ${randomUUID()}` }
    retries.push(kept)
    const first = await caller.must(path, body, { headers: { 'idempotency-key': kept.key } })
    await again(kept)
    return first
  }
  const tokens = await takeIn(world, canary, twice)
  const subject = await findSubject(world, canary)
  await update(world, canary, subject)
  const orderRef = `SO-${canary.no}`
  const { shipment, waybill } = await deliver(world, canary, { tokens, orderRef, twice })
  await useTokens(world, canary, tokens, orderRef)
  await giveAndRevoke(world, canary, { subject, token: tokens.phone, orderRef })
  const own = await lookOneself(world, canary, subject)
  return { canary, subject, tokens, orderRef, shipment, waybill, own, retries }
}

export async function again({ caller, path, body, key }: Kept) {
  return caller.call(path, body, { headers: { 'idempotency-key': key } })
}

type Twice = (caller: Caller, path: string, body: unknown) => Promise<Body>

/** Half of the people are the shop's own, half the platform's. */
async function takeIn({ platform, shop }: World, canary: Canary, twice: Twice): Promise<Tokens> {
  const body = { linkability: canary.no % 3 === 0 ? 'party' : 'week', items: [itemOf(canary)] }
  const isShops = canary.no % 2 === 0
  const said = isShops
    ? await twice(shop.caller, '/v1/tokenize', body)
    : await twice(platform, '/v1/tokenize', { ...body, party: shop.id })
  return said.items[0].tokens
}

async function findSubject({ platform }: World, { person }: Canary): Promise<string> {
  const said = await platform.must('/v1/search', { purpose: 'order', phone: person.phone })
  return said.items[0].subject
}

function renew(canary: Canary, fields: readonly (keyof CanaryPerson)[]): Partial<CanaryPerson> {
  const fresh = makePerson(canary.no)
  const picked = Object.fromEntries(fields.map((field) => [field, fresh[field]])) as Partial<CanaryPerson>
  canary.person = { ...canary.person, ...picked }
  notePerson(canary, canary.person)
  return picked
}

async function update({ platform, shop }: World, canary: Canary, subject: string): Promise<void> {
  renew(canary, ['name', 'address'])
  const isShops = canary.no % 2 === 0
  const body = { items: [itemOf(canary)] }
  await (isShops ? shop.caller : platform).must('/v1/tokenize', isShops ? body : { ...body, party: shop.id })
  await correct(platform, canary, subject)
}

/** A fresh phone: the country stays, so that the number can be read. */
export async function correct(platform: Caller, canary: Canary, subject: string): Promise<Body> {
  return platform.must(`/v1/subjects/${subject}`, { person: renew(canary, ['phone']) }, { method: 'PATCH' })
}

type Parcel = { tokens: Tokens; orderRef: string; twice: Twice }

async function deliver({ shop, courier }: World, canary: Canary, { tokens, orderRef, twice }: Parcel) {
  const { name, phone, address } = tokens
  const order = { order_ref: orderRef, courier: courier.id, recipient: { name, phone, address } }
  const { id, waybill } = await twice(shop.caller, '/v1/shipments', order)
  await courier.caller.must(`/v1/shipments/${id}/stage`, { stage: 'picked_up', reason: canary.reason })
  const early = await scan(courier, waybill)
  if (early.items[0].fields.phone.view !== 'none') throw new Error('a phone was shown before the door')
  await courier.caller.must(`/v1/shipments/${id}/stage`, { stage: 'out_for_delivery' })
  await shop.caller.must(`/v1/shipments/${id}`)
  await twice(courier.caller, '/v1/reveal', revealOf('delivery', { waybill }))
  await courier.caller.must('/v1/reveal', revealOf('legal', { waybill }))
  return { shipment: id as string, waybill: waybill as string }
}

export function revealOf(purpose: string, item: object) {
  return { purpose, operator: OPERATOR, items: [{ key: 'a', ...item }] }
}

export async function scan(courier: Party, waybill: string): Promise<Body> {
  return courier.caller.must('/v1/reveal', revealOf('delivery', { waybill }))
}

async function useTokens(
  { shop }: World,
  { person }: Canary,
  tokens: Tokens,
  orderRef: string,
): Promise<void> {
  const { caller } = shop
  const items = Object.entries(tokens).map(([key, token]) => ({ key, token }))
  for (const path of ['/v1/mask', '/v1/validate', '/v1/group']) await caller.must(path, { items })
  const { phone, email } = person
  await caller.must('/v1/search', { purpose: 'after_sale', phone })
  await caller.must('/v1/search', { purpose: 'after_sale', email })
  const order = { phone_last4: phone.slice(-4), order_ref: orderRef }
  const found = await caller.must('/v1/search', { purpose: 'after_sale', ...order })
  if (found.items.length !== 1) throw new Error('a person was not found by order and last digits')
}

type Of = { subject: string; token: string; orderRef: string }

async function giveAndRevoke({ platform, shop }: World, canary: Canary, { subject, token, orderRef }: Of) {
  const terms = { purpose: 'customer_service', fields: { phone: 'full', name: 'full' }, basis: 'consent' }
  const until = new Date(Date.now() + DAY_MS).toISOString()
  const { id } = await platform.must('/v1/grants', { subject, party: shop.id, ...terms, until })
  const said = await shop.caller.must('/v1/reveal', revealOf(terms.purpose, { token, order_ref: orderRef }))
  if (said.items[0].fields.phone.value !== canary.person.phone)
    throw new Error('a granted phone was not shown')
  if (canary.no % 3 !== 0) await platform.must(`/v1/grants/${id}/revoke`, { reason: canary.reason })
}

async function lookOneself({ line, platform }: World, canary: Canary, subject: string): Promise<Caller> {
  const { token } = await platform.must(`/v1/subjects/${subject}/sessions`, {})
  const own = new Caller(line, token)
  await own.must('/v1/me', { person: renew(canary, ['email']) }, { method: 'PATCH' })
  for (const path of ['/v1/me', '/v1/me/accesses', '/v1/me/grants', '/v1/me/export']) await own.must(path)
  const { items } = await own.must('/v1/me/grants')
  const given = items.find((grant: Body) => grant.origin === 'platform' && grant.revoked_at === null)
  const reason = `${canary.reason}, once more`
  noteSent(canary, 'reason', reason)
  if (given) await own.must(`/v1/me/grants/${given.id}/revoke`, { reason })
  return own
}
