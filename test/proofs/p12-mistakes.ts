import { randomUUID } from 'node:crypto'
import { itemOf, phoneSpellings } from './p09-p12-canary.ts'
import type { Caller } from './p09-p12-caller.ts'
import { revealOf } from './p09-p12-flows.ts'
import type { Resident, World } from './p09-p12-flows.ts'

/** Calls that are refused, with a person's values where they do not belong. */

/** One wrong call: a path, a body, and how else it is sent. */
export type Mistake = {
  caller: Caller
  path: string
  body?: unknown
  method?: string
  headers?: Record<string, string>
}

/** A text that names the person, none of it a name that callers may make up for something of theirs. */
export function valuesOf({ canary }: Resident): string[] {
  const { name, phone, email, address } = canary.person
  return [name, phone, email, address.line1, phoneSpellings(phone)[1]!, canary.reason]
}

const OPERATOR = { id: 'emp-17' }

/** The value in place of each thing that a body may hold. */
export function wrongBodies(world: World, resident: Resident, value: string): Mistake[] {
  const { platform, shop, courier } = world
  const { canary, subject, shipment, tokens, own } = resident
  const item = itemOf(canary)
  const take = (body: object): Mistake => ({ caller: shop.caller, path: '/v1/tokenize', body })
  const takeItem = (change: object): Mistake => take({ items: [{ ...item, ...change }] })
  const takePerson = (change: object): Mistake => takeItem({ person: { ...canary.person, ...change } })
  const { country } = canary.person.address
  const reveal = (change: object): Mistake => {
    return { caller: courier.caller, path: '/v1/reveal', body: { ...revealOf('delivery', { waybill: 'wb_x' }), ...change } }
  }
  const recipient = { name: tokens.name, phone: tokens.phone, address: tokens.address }
  const order = { order_ref: 'SO-1', courier: courier.id, recipient }
  const ship = (change: object): Mistake => ({ caller: shop.caller, path: '/v1/shipments', body: { ...order, ...change } })
  const grant = { subject, party: shop.id, purpose: 'legal', fields: { phone: 'full' }, basis: 'consent' }
  const give = (change: object): Mistake => ({ caller: platform, path: '/v1/grants', body: { ...grant, ...change } })
  const correct = (body: object): Mistake => ({ caller: platform, path: `/v1/subjects/${subject}`, body, method: 'PATCH' })
  const move = (body: object): Mistake => ({ caller: courier.caller, path: `/v1/shipments/${shipment}/stage`, body })
  const search = (body: object): Mistake => ({ caller: shop.caller, path: '/v1/search', body })
  return [
    ...[{ [value]: 1 }, { items: value }, { items: [value] }, { items: [item], linkability: value }].map(take),
    ...[{ items: [item], party: value }, { items: [item], atomic: value }, { items: { [value]: item } }].map(take),
    take({ items: [item, { ...item, [value]: value }], atomic: true }),
    ...[{ [value]: 1 }, { key: value }, { external_ref: value }, { locale: value }, { jurisdiction: value }].map(takeItem),
    ...[{ person: value }, { person: [value] }, { person: { [value]: value } }, { person: null }].map(takeItem),
    ...[{ [value]: value }, { name: { [value]: value } }, { name: [value] }, { name: value.repeat(100) }].map(takePerson),
    ...[{ phone: [value] }, { phone: `${value}x` }, { email: { [value]: 1 } }, { email: `${value}@@${value}` }].map(takePerson),
    ...[{ address: value }, { address: { country: value } }, { address: { country, [value]: value } }].map(takePerson),
    ...[{ address: { country, line1: value.repeat(300) } }, { address: { country, city: { [value]: 1 } } }].map(takePerson),
    ...[{ purpose: value }, { operator: value }, { operator: { id: value } }, { operator: { ...OPERATOR, device: value } }].map(reveal),
    ...[{ items: [{ key: value, waybill: value }] }, { items: [{ key: 'a', token: value, order_ref: value }] }].map(reveal),
    ...[{ items: [{ key: 'a', waybill: value }] }, { items: [{ key: 'a', token: value }] }, { [value]: value }].map(reveal),
    ...[{ items: [{ key: 'a', token: tokens.name, fields: [value] }] }, { operator: { [value]: 1 } }].map(reveal),
    ...[{ order_ref: value }, { courier: value }, { recipient: { ...recipient, name: value } }, { recipient: value }].map(ship),
    ...[{ recipient: { ...recipient, [value]: 1 } }, { [value]: 1 }].map(ship),
    ...[{ subject: value }, { party: value }, { purpose: value }, { fields: { [value]: 'full' } }, { basis: value }].map(give),
    ...[{ fields: { phone: value } }, { until: value }, { from: value }, { uses_max: value }, { [value]: 1 }].map(give),
    ...[{ [value]: 1 }, { person: value }, { person: { [value]: value } }, { person: { phone: `${value}x` } }].map(correct),
    ...[{ stage: value }, { stage: 'created', reason: value }, { stage: 'closed', reason: value.repeat(200) }].map(move),
    ...[{ purpose: value, phone: value }, { purpose: 'order', phone: `${value}x` }, { purpose: 'order', email: `${value}x` }].map(search),
    ...[{ purpose: 'order', phone_last4: value }, { purpose: 'order', order_ref: value }, { [value]: value }].map(search),
    ...['/v1/mask', '/v1/validate', '/v1/group'].flatMap((path): Mistake[] => [
      { caller: shop.caller, path, body: { items: [{ key: value, token: value }] } },
      { caller: shop.caller, path, body: { items: [{ key: 'a', token: value }, { key: 'a', token: value }] } },
      { caller: shop.caller, path, body: { items: [{ key: 'a', token: tokens.name, [value]: 1 }] } },
    ]),
    { caller: own, path: '/v1/me', body: { person: { [value]: value } }, method: 'PATCH' },
    { caller: own, path: '/v1/me/erasure', body: { [value]: value } },
    { caller: platform, path: `/v1/subjects/${subject}/sessions`, body: { [value]: value } },
    { caller: platform, path: '/v1/parties', body: { kind: value, name: 'x' } },
    { caller: platform, path: `/v1/parties/${shop.id}/status`, body: { status: value, reason: value } },
    { caller: platform, path: `/v1/parties/${shop.id}/status`, body: { status: 'pending', reason: value } },
  ]
}

/** Right bodies of the wrong caller, twice under one key, or of the wrong kind. */
export function wrongCalls(world: World, resident: Resident, value: string): Mistake[] {
  const { platform, shop, courier } = world
  const { canary, own, tokens } = resident
  const body = { items: [itemOf(canary)] }
  const key = { 'idempotency-key': randomUUID() }
  const search = { purpose: 'order', phone: canary.person.phone }
  const nobody = { ...shop.caller, bearer: undefined, call: shop.caller.call, must: shop.caller.must }
  const form = new URLSearchParams({ name: value, phone: canary.person.phone }).toString()
  const odd = (type: string, text: string): Mistake => {
    return { caller: shop.caller, path: '/v1/tokenize', body: text, headers: { 'content-type': type } }
  }
  return [
    ...[courier.caller, own, nobody].map((caller) => ({ caller, path: '/v1/tokenize', body })),
    ...[courier.caller, own, nobody].map((caller) => ({ caller, path: '/v1/search', body: search })),
    { caller: platform, path: '/v1/tokenize', body },
    { caller: platform, path: '/v1/mask', body: { items: [{ key: 'a', token: tokens.name }], note: value } },
    { caller: shop.caller, path: '/v1/search', body: search, headers: key },
    { caller: shop.caller, path: '/v1/search', body: { ...search, limit: 1 }, headers: key },
    ...['PUT', 'DELETE', 'PATCH'].map((method) => ({ caller: shop.caller, path: '/v1/tokenize', body, method })),
    { caller: shop.caller, path: '/v1/people', body },
    odd('text/plain', value),
    odd('application/x-www-form-urlencoded', form),
    odd(`multipart/form-data; boundary=${encodeURIComponent(value)}`, value),
    odd(`application/json; charset=${encodeURIComponent(value)}`, JSON.stringify(body)),
    ...malformed(value, JSON.stringify(body)).map((text): Mistake => odd('application/json', text)),
  ]
}

function malformed(value: string, whole: string): string[] {
  return [
    whole.slice(0, -2),
    `${whole}${value}`,
    `{"items":[{"person":{"name":"${value}`,
    `{'name':'${value}'}`,
    `{"name":"${value}\\ud800"}`,
    `{"${value}\\u0000":"${value}\\u0000"}`,
    `{"__proto__":{"${value}":"${value}"},"items":[]}`,
    `{"name":"\t${value}"}`,
    `${'['.repeat(40)}"${value}"${']'.repeat(40)}`,
    `"${value}"`,
    value,
  ]
}

/** Where no value ever belongs: the address of a call, and what goes with it. */
export function wrongPlaces(world: World, resident: Resident, value: string): Mistake[] {
  const { platform, shop, courier } = world
  const escaped = encodeURIComponent(value)
  const ids = ['subjects', 'shipments', 'parties', 'events', 'credentials', 'grants', 'sessions', 'people']
  const get = (path: string): Mistake => ({ caller: platform, path })
  const body = { items: [itemOf(resident.canary)] }
  const header = (name: string, text = escaped): Mistake => {
    return { caller: courier.caller, path: '/v1/tokenize', body, headers: { [name]: text } }
  }
  const ascii = /^[\x20-\x7e]+$/.test(value) ? value : escaped
  const base64url = Buffer.from(value).toString('base64url')
  return [
    ...ids.flatMap((noun) => [get(`/v1/${noun}/${escaped}`), { ...get(`/v1/${noun}/${escaped}`), method: 'DELETE' }]),
    ...[`/${escaped}`, `/v1/${escaped}`, `/t/${escaped}/.well-known/jwks.json`, `/v1/events/${escaped}/leaf`].map(get),
    ...[`/v1/subjects/%E0%A4%A${escaped}`, `/v1//${escaped}`, `/v1/events/..%2f${escaped}`, `/docs/${escaped}`].map(get),
    ...['subject', 'party', 'cursor', 'limit', 'from', 'to', escaped].map((name) => get(`/v1/events?${name}=${escaped}`)),
    ...['/v1/grants', '/v1/parties', '/healthz', '/metrics', '/openapi.json', '/docs', '/readyz'].map((path) =>
      get(`${path}?subject=${escaped}&${escaped}=${escaped}`),
    ),
    { caller: shop.caller, path: `/v1/search?phone=${escaped}`, body: { purpose: 'order', phone: value } },
    ...['idempotency-key', 'x-request-id', 'user-agent', 'referer', 'cookie', 'accept', 'accept-language', 'origin'].map(
      (name) => header(name, ascii),
    ),
    ...['x-forwarded-for', 'forwarded', 'traceparent', 'baggage', 'content-encoding', 'if-match', 'range'].map((name) =>
      header(name, ascii),
    ),
    ...[`request-${ascii.replace(/[^A-Za-z0-9]/g, '-')}`, base64url, base64url.repeat(2)].map((id) => header('x-request-id', id.slice(0, 64))),
    header('authorization', `Bearer ${base64url}`),
    header('authorization', `Bearer ck_${base64url}_${base64url}`),
    header('authorization', `Basic ${Buffer.from(value).toString('base64')}`),
  ]
}
