import { randomUUID } from 'node:crypto'
import { itemOf, phoneSpellings } from './p09-p12-canary.ts'
import { Caller } from './p09-p12-caller.ts'
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
  return [
    ...wrongPeople(world, resident, value),
    ...wrongCorrections(world, resident, value),
    ...wrongParcels(world, resident, value),
    ...wrongTokens(world, resident, value),
    ...wrongGrants(world, resident, value),
  ]
}

function wrongPeople({ shop }: World, { canary }: Resident, value: string): Mistake[] {
  const item = itemOf(canary)
  const { country } = canary.person.address
  const bodies: object[] = [
    ...[{ [value]: 1 }, { items: value }, { items: [value] }, { items: [item], linkability: value }],
    ...[{ items: [item], party: value }, { items: [item], atomic: value }, { items: { [value]: item } }],
    { items: [item, { ...item, key: 'b', person: { phone: `${value}x` } }], atomic: true },
  ]
  const items: object[] = [
    ...[{ [value]: 1 }, { key: value }, { external_ref: value }, { locale: value }, { jurisdiction: value }],
    ...[{ person: value }, { person: [value] }, { person: { [value]: value } }, { person: null }],
  ]
  const persons: object[] = [
    ...[{ [value]: value }, { name: { [value]: value } }, { name: [value] }, { name: value.repeat(100) }],
    ...[
      { phone: [value] },
      { phone: `${value}x` },
      { email: { [value]: 1 } },
      { email: `${value}@@${value}` },
    ],
    ...[{ address: value }, { address: { country: value } }, { address: { country, [value]: value } }],
    ...[{ address: { country, line1: value.repeat(300) } }, { address: { country, city: { [value]: 1 } } }],
  ]
  const wrongItems = [...items, ...persons.map((change) => ({ person: { ...canary.person, ...change } }))]
  return [...bodies, ...wrongItems.map((change) => ({ items: [{ ...item, ...change }] }))].map((body) => {
    return { caller: shop.caller, path: '/v1/tokenize', body }
  })
}

function wrongCorrections({ platform, shop }: World, { subject, own }: Resident, value: string): Mistake[] {
  const persons: object[] = [
    ...[
      { [value]: 1 },
      { person: value },
      { person: { [value]: value } },
      { person: { phone: `${value}x` } },
    ],
    ...[{ person: { name: [value] } }, { person: { [value]: null } }],
  ]
  const status = `/v1/parties/${shop.id}/status`
  return [
    ...persons.map((body) => ({ caller: platform, path: `/v1/subjects/${subject}`, body, method: 'PATCH' })),
    ...persons.map((body) => ({ caller: own, path: '/v1/me', body, method: 'PATCH' })),
    { caller: own, path: '/v1/me/erasure', body: { [value]: value } },
    { caller: platform, path: `/v1/subjects/${subject}/sessions`, body: { [value]: value } },
    { caller: platform, path: '/v1/parties', body: { kind: value, name: 'x' } },
    { caller: platform, path: status, body: { status: value, reason: value } },
    { caller: platform, path: status, body: { status: 'pending', reason: value } },
  ]
}

function wrongParcels({ shop, courier }: World, { shipment, tokens }: Resident, value: string): Mistake[] {
  const recipient = { name: tokens.name, phone: tokens.phone, address: tokens.address }
  const order = { order_ref: 'SO-1', courier: courier.id, recipient }
  const orders: object[] = [
    ...[{ order_ref: value }, { courier: value }, { recipient: value }, { [value]: 1 }],
    ...[{ recipient: { ...recipient, name: value } }, { recipient: { ...recipient, [value]: 1 } }],
  ]
  const moves: object[] = [
    ...[
      { stage: value },
      { stage: 'created', reason: value },
      { stage: 'closed', reason: value.repeat(200) },
    ],
  ]
  const reveals: object[] = [
    ...[{ purpose: value }, { operator: value }, { operator: { id: value } }, { operator: { [value]: 1 } }],
    ...[
      { operator: { ...OPERATOR, device: value } },
      { [value]: value },
      { items: [{ key: value, waybill: value }] },
    ],
    ...[{ items: [{ key: 'a', token: value, order_ref: value }] }, { items: [{ key: 'a', waybill: value }] }],
    ...[
      { items: [{ key: 'a', token: value }] },
      { items: [{ key: 'a', token: tokens.name, fields: [value] }] },
    ],
  ]
  const scanned = revealOf('delivery', { waybill: 'wb_x' })
  return [
    ...orders.map((change) => ({
      caller: shop.caller,
      path: '/v1/shipments',
      body: { ...order, ...change },
    })),
    ...moves.map((body) => ({ caller: courier.caller, path: `/v1/shipments/${shipment}/stage`, body })),
    ...reveals.map((change) => ({
      caller: courier.caller,
      path: '/v1/reveal',
      body: { ...scanned, ...change },
    })),
  ]
}

function wrongTokens({ shop }: World, { tokens }: Resident, value: string): Mistake[] {
  const lists: object[][] = [
    [{ key: value, token: value }],
    [{ key: 'a', token: value }, { key: 'a', token: value }], // prettier-ignore
    [{ key: 'a', token: tokens.name, [value]: 1 }],
  ]
  const terms: object[] = [
    ...[
      { purpose: value, phone: value },
      { purpose: 'order', phone: `${value}x` },
      { purpose: 'order', email: `${value}x` },
    ],
    ...[{ purpose: 'order', phone_last4: value }, { purpose: 'order', order_ref: value }, { [value]: value }],
  ]
  return [
    ...['/v1/mask', '/v1/validate', '/v1/group'].flatMap((path) =>
      lists.map((items) => ({ caller: shop.caller, path, body: { items } })),
    ),
    ...terms.map((body) => ({ caller: shop.caller, path: '/v1/search', body })),
  ]
}

function wrongGrants({ platform, shop }: World, { subject }: Resident, value: string): Mistake[] {
  const grant = { subject, party: shop.id, purpose: 'legal', fields: { phone: 'full' }, basis: 'consent' }
  const changes: object[] = [
    ...[
      { subject: value },
      { party: value },
      { purpose: value },
      { fields: { [value]: 'full' } },
      { basis: value },
    ],
    ...[{ fields: { phone: value } }, { until: value }, { from: value }, { uses_max: value }, { [value]: 1 }],
  ]
  return changes.map((change) => ({ caller: platform, path: '/v1/grants', body: { ...grant, ...change } }))
}

/** Right bodies of the wrong caller, twice under one key, or of the wrong kind. */
export function wrongCalls(world: World, resident: Resident, value: string): Mistake[] {
  const { platform, shop, courier } = world
  const { canary, own, tokens } = resident
  const body = { items: [itemOf(canary)] }
  const key = { 'idempotency-key': randomUUID() }
  const search = { purpose: 'order', phone: canary.person.phone }
  const nobody = new Caller(world.line, undefined)
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
    ...['PUT', 'DELETE', 'PATCH'].map((method) => ({
      caller: shop.caller,
      path: '/v1/tokenize',
      body,
      method,
    })),
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
    ...ids.flatMap((noun) => [
      get(`/v1/${noun}/${escaped}`),
      { ...get(`/v1/${noun}/${escaped}`), method: 'DELETE' },
    ]),
    ...[
      `/${escaped}`,
      `/v1/${escaped}`,
      `/t/${escaped}/.well-known/jwks.json`,
      `/v1/events/${escaped}/leaf`,
    ].map(get),
    ...[
      `/v1/subjects/%E0%A4%A${escaped}`,
      `/v1//${escaped}`,
      `/v1/events/..%2f${escaped}`,
      `/docs/${escaped}`,
    ].map(get),
    ...['subject', 'party', 'cursor', 'limit', 'from', 'to', escaped].map((name) =>
      get(`/v1/events?${name}=${escaped}`),
    ),
    ...['/v1/grants', '/v1/parties', '/healthz', '/metrics', '/openapi.json', '/docs', '/readyz'].map(
      (path) => get(`${path}?subject=${escaped}&${escaped}=${escaped}`),
    ),
    { caller: shop.caller, path: `/v1/search?phone=${escaped}`, body: { purpose: 'order', phone: value } },
    ...[
      'idempotency-key',
      'x-request-id',
      'user-agent',
      'referer',
      'cookie',
      'accept',
      'accept-language',
      'origin',
    ].map((name) => header(name, ascii)),
    ...[
      'x-forwarded-for',
      'forwarded',
      'traceparent',
      'baggage',
      'content-encoding',
      'if-match',
      'range',
    ].map((name) => header(name, ascii)),
    ...[`request-${ascii.replace(/[^A-Za-z0-9]/g, '-')}`, base64url, base64url.repeat(2)].map((id) =>
      header('x-request-id', id.slice(0, 64)),
    ),
    header('authorization', `Bearer ${base64url}`),
    header('authorization', `Bearer ck_${base64url}_${base64url}`),
    header('authorization', `Basic ${Buffer.from(value).toString('base64')}`),
  ]
}
