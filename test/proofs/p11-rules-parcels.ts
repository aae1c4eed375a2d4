import type { Place, Probe, Rule } from './p11-rule.ts'
import { CREATED, OK, isCourier, isShop, post, probe, refuses, runsTenant } from './p11-rule.ts'

const RECIPIENT = ['name', 'phone', 'address'] as const

/** A token that is refused is named by its place; which one of others' it is makes no difference. */
const REFUSED = refuses(400, 'invalid_request')

function shipmentProbes(place: Place): Probe[] {
  const { target, home, caller } = place
  const { name, phone, address } = home.tokens
  const recipient = { name, phone, address }
  const ask = (field: string, knows: boolean, body: object) => {
    const request = post({ order_ref: 'SO-1', courier: home.courier.id, recipient, ...body })
    return probe(field, '/v1/shipments', knows, target.erased ? REFUSED : CREATED, {
      ...request,
      absent: REFUSED,
    })
  }
  const tokens = RECIPIENT.map((field) => {
    const replaced = { ...recipient, [field]: target.tokens[field] }
    return ask(`recipient ${field}`, isShop(place), { recipient: replaced })
  })
  // A shop may name any courier of its tenant: with somebody else's the request would succeed, and say nothing.
  const nameable = isShop(place) && !target.erased
  if (caller.tenant === target.tenant.id && !nameable) return tokens
  return [...tokens, ask('courier', nameable, { courier: target.courier.id })]
}

export const parcelRules: Record<string, Rule> = {
  'POST /v1/shipments': { audience: ['merchant'], changes: true, probes: shipmentProbes },
  'GET /v1/shipments/{id}': {
    audience: ['platform', 'merchant', 'courier'],
    probes(place) {
      const knows = runsTenant(place) || isShop(place) || isCourier(place)
      return [probe('id', `/v1/shipments/${place.target.shipment}`, knows, OK)]
    },
  },
  'POST /v1/shipments/{id}/stage': {
    audience: ['platform', 'courier'],
    changes: true,
    probes: (place) =>
      ['delivered', 'returned', 'created'].map((stage) => {
        const path = `/v1/shipments/${place.target.shipment}/stage`
        const given = stage === 'created' ? refuses(409, 'state_conflict') : OK
        return probe(stage, path, runsTenant(place) || isCourier(place), given, post({ stage }))
      }),
  },
}
