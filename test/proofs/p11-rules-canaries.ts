import type { Place, Rule } from './p11-rule.ts'
import { CREATED, OK, post, probe, refuses, runsTenant } from './p11-rule.ts'

const PLATFORM = ['platform'] as const

function of(place: Place, more = ''): string {
  return `/v1/canaries/${place.target.canary}${more}`
}

export const canaryRules: Record<string, Rule> = {
  'POST /v1/canaries': {
    audience: PLATFORM,
    changes: true,
    probes: (place) => {
      const { merchant, courier } = place.target
      const body = { party: place.home.merchant.id, made_up: { locale: 'en' } }
      const parcels = { courier: courier.id, order_ref: 'SO-1' }
      const own = runsTenant(place)
      const path = '/v1/canaries'
      return [
        probe('party', path, own, CREATED, post({ ...body, party: merchant.id })),
        probe('courier', path, own, CREATED, post({ ...body, parcels })),
      ]
    },
  },
  'GET /v1/canaries': {
    audience: PLATFORM,
    self: true,
    probes: () => [probe('whole', '/v1/canaries', true, OK)],
  },
  'DELETE /v1/canaries/{id}': {
    audience: PLATFORM,
    changes: true,
    probes: (place) => [probe('id', of(place), runsTenant(place), OK, { request: { method: 'DELETE' } })],
  },
  'POST /v1/canaries/{id}/parcels': {
    audience: PLATFORM,
    changes: true,
    probes: (place) => {
      const body = { courier: place.home.courier.id, order_ref: 'SO-1' }
      return [probe('id', of(place, '/parcels'), runsTenant(place), CREATED, post(body))]
    },
  },
  // An address is one of the caller's own canaries or nobody's: there is no other's to point it at.
  'POST /v1/canaries/mail': {
    audience: PLATFORM,
    self: true,
    changes: true,
    probes: () => {
      const mail = { to: 'nobody@mail.example', from: 'a@b.example' }
      return [
        probe('to', '/v1/canaries/mail', true, OK, post(mail)),
        probe('to nobody', '/v1/canaries/mail', true, refuses(400, 'invalid_request'), post({ from: 'x' })),
      ]
    },
  },
  'GET /v1/canaries/{id}/mail': {
    audience: PLATFORM,
    changes: true,
    probes: (place) => [probe('id', of(place, '/mail'), runsTenant(place), OK)],
  },
}
