import type { Place, Probe, Rule } from './p11-rule.ts'
import { FIELDS, answers, isCourier, isShop, itemIs, post, refuses, runsTenant } from './p11-rule.ts'

const SHOP = ['merchant'] as const
const READS = ['platform', 'merchant', 'courier'] as const

/** A token that is refused is named by its place; which one of others' it is makes no difference. */
const REFUSED = refuses(400, 'invalid_request')

function shipmentProbes(place: Place): Probe[] {
  const { target, home, caller } = place
  const { name, phone, address } = home.tokens
  const body = { order_ref: 'SO-1', courier: home.courier.id, recipient: { name, phone, address } }
  const cell = { path: '/v1/shipments', absent: REFUSED }
  const tokens = (['name', 'phone', 'address'] as const).map((field) => ({
    ...{ ...cell, field: `recipient ${field}` },
    request: post({ ...body, recipient: { ...body.recipient, [field]: target.tokens[field] } }),
    knows: isShop(place),
    given: target.erased ? REFUSED : answers(201),
  }))
  // A shop may name any courier of its tenant. With an estate that is its own the request can succeed.
  const nameable = caller.tenant === target.tenant.id && isShop(place) && !target.erased
  if (caller.tenant === target.tenant.id && !nameable) return tokens
  const request = post({ ...body, courier: target.courier.id })
  return [...tokens, { ...cell, field: 'courier', request, knows: nameable, given: answers(201) }]
}

function revealProbes(place: Place): Probe[] {
  const { target, home, caller } = place
  const operator = { id: 'emp-1', device: 'hh-1' }
  const cell = { path: '/v1/reveal', absent: itemIs('token_unknown') }
  const ask = (purpose: string, item: object) => ({
    request: post({ purpose, operator, items: [{ key: 'asked', ...item }] }),
  })
  const context = { order_ref: target.orderRef }
  const shown = target.erased ? itemIs('subject_erased') : itemIs('ok')
  const tokens = FIELDS.map((field): Probe => ({
    ...{ ...cell, field, knows: isShop(place) },
    ...ask('customer_service', { token: target.tokens[field], ...context }),
    given: field === 'address' && !target.erased ? itemIs('purpose_not_allowed') : shown,
  }))
  const all = { token: target.tokens.phone, ...context, fields: FIELDS }
  const own =
    caller.kind === 'merchant' ? { token: home.tokens.phone, ...context } : { waybill: home.waybill }
  const bare = target.erased ? shown : itemIs('context_required')
  const mixed = [
    { key: 'own', ...own },
    { key: 'asked', waybill: target.waybill },
  ]
  return [
    ...tokens,
    {
      ...cell,
      ...ask('delivery', { waybill: target.waybill }),
      field: 'waybill',
      knows: isCourier(place),
      given: shown,
    },
    {
      ...cell,
      ...ask('customer_service', all),
      field: 'all fields of one token',
      knows: isShop(place),
      given: shown,
    },
    {
      ...cell,
      ...ask('customer_service', { token: target.tokens.phone }),
      field: 'no order',
      knows: isShop(place),
      given: bare,
    },
    {
      ...{ ...cell, field: 'behind an own item', knows: isCourier(place), given: shown },
      request: post({
        purpose: caller.kind === 'merchant' ? 'customer_service' : 'delivery',
        operator,
        items: mixed,
      }),
    },
  ]
}

export const parcelRules: Record<string, Rule> = {
  'POST /v1/shipments': { audience: SHOP, changes: true, probes: shipmentProbes },
  'GET /v1/shipments/{id}': {
    audience: READS,
    probes: (place) => [
      {
        ...{ field: 'id', path: `/v1/shipments/${place.target.shipment}` },
        ...{ knows: runsTenant(place) || isShop(place) || isCourier(place), given: answers(200) },
      },
    ],
  },
  'POST /v1/shipments/{id}/stage': {
    ...{ audience: ['platform', 'courier'], changes: true },
    probes: (place) =>
      ['delivered', 'returned', 'created'].map((stage) => ({
        ...{ field: stage, path: `/v1/shipments/${place.target.shipment}/stage`, request: post({ stage }) },
        knows: runsTenant(place) || isCourier(place),
        given: stage === 'created' ? refuses(409, 'state_conflict') : answers(200),
      })),
  },
  'POST /v1/reveal': { audience: ['merchant', 'courier'], probes: revealProbes },
}
