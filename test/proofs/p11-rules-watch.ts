import type { Rule } from './p11-rule.ts'
import { CREATED, OK, post, probe, refuses, runsTenant } from './p11-rule.ts'

const PLATFORM = ['platform'] as const

/** Settings that do nothing. */
const SETTINGS = {
  actions: {},
  hold_s: 60,
  max_held_share: 0,
  alert_channels: [],
  alert_email: null,
  parameters: {},
}

function own(path: string): Rule {
  return { audience: PLATFORM, self: true, probes: () => [probe('whole', path, true, OK)] }
}

function settles(what: string): Rule {
  return {
    audience: PLATFORM,
    changes: true,
    probes: (place) => {
      const path = `/v1/signals/${place.target.signal}/${what}`
      return [probe('id', path, runsTenant(place), OK, post({ reason: 'x' }))]
    },
  }
}

export const watchRules: Record<string, Rule> = {
  'GET /v1/signals': own('/v1/signals'),
  'GET /v1/holds': own('/v1/holds'),
  'GET /v1/watch/settings': own('/v1/watch/settings'),
  'PUT /v1/watch/settings': {
    audience: PLATFORM,
    self: true,
    changes: true,
    probes: () => [
      probe('whole', '/v1/watch/settings', true, OK, { request: { method: 'PUT', body: SETTINGS } }),
    ],
  },
  'GET /v1/signals/{id}': {
    audience: PLATFORM,
    probes: (place) => [probe('id', `/v1/signals/${place.target.signal}`, runsTenant(place), OK)],
  },
  'POST /v1/signals/{id}/confirm': settles('confirm'),
  'POST /v1/signals/{id}/dismiss': settles('dismiss'),
  'POST /v1/holds/{id}/clear': {
    audience: PLATFORM,
    changes: true,
    probes: (place) => {
      const path = `/v1/holds/${place.target.hold}/clear`
      return [probe('id', path, runsTenant(place), OK, post({ reason: 'x' }))]
    },
  },
  'POST /v1/holds': {
    audience: PLATFORM,
    changes: true,
    probes: (place) => {
      const { merchant, courier, subject } = place.target
      const suspects = { party: merchant.id, courier: courier.id, credential: merchant.credentialId, subject }
      return Object.entries(suspects).map(([field, suspect]) =>
        probe(field, '/v1/holds', runsTenant(place), CREATED, {
          ...post({ suspect, reason: 'x' }),
          absent: refuses(400, 'invalid_request'),
        }),
      )
    },
  },
}
