import type { Rule } from './p11-rule.ts'
import { CREATED, OK, post, probe, refuses, runsTenant } from './p11-rule.ts'

const PLATFORM = ['platform'] as const

/** A request is its tenant's. The platform that asks is in each case another credential than the one of the estate. */
export const keyRules: Record<string, Rule> = {
  'GET /v1/doctor': {
    audience: PLATFORM,
    self: true,
    probes: () => [probe('whole', '/v1/doctor', true, OK)],
  },
  'GET /v1/keys': { audience: PLATFORM, self: true, probes: () => [probe('whole', '/v1/keys', true, OK)] },
  // A version's number is one of the caller's own keys: there is no other's to point it at.
  'POST /v1/keys/destructions': {
    audience: PLATFORM,
    self: true,
    probes: ({ home }) => {
      const { kind, version } = home.retiredKey
      const path = '/v1/keys/destructions'
      return [
        probe('version', path, true, CREATED, post({ kind, version })),
        probe('version in use', path, true, refuses(409, 'state_conflict'), post({ kind, version: 1 })),
      ]
    },
  },
  'GET /v1/keys/destructions/{id}': {
    audience: PLATFORM,
    probes: (place) => {
      const path = `/v1/keys/destructions/${place.target.destruction}`
      return [probe('id', path, runsTenant(place), OK)]
    },
  },
  'POST /v1/keys/destructions/{id}/approve': {
    audience: PLATFORM,
    changes: true,
    probes: (place) => {
      const path = `/v1/keys/destructions/${place.target.destruction}/approve`
      return [probe('id', path, runsTenant(place), OK, post())]
    },
  },
}
