import type { Place, Probe, Rule } from './p11-rule.ts'
import { CREATED, OK, post, probe, refuses, runsTenant } from './p11-rule.ts'

const PLATFORM = ['platform'] as const

function of(place: Place, more = ''): string {
  return `/v1/incidents/${place.target.incident}${more}`
}

/** A suspect that is another tenant's answers like one that nobody has. */
function opening(place: Place): Probe[] {
  const { target } = place
  const suspects = {
    credentials: [target.merchant.credentialId],
    parties: [target.courier.id],
    subjects: [target.subject],
  }
  return Object.entries(suspects).map(([field, ids]) => {
    const body = {
      title: 'x',
      kind: 'insider',
      aware_at: '2026-11-23T12:00:00Z',
      suspects: { [field]: ids },
    }
    return probe(field, '/v1/incidents', runsTenant(place), CREATED, {
      ...post(body),
      absent: refuses(400, 'invalid_request'),
    })
  })
}

function does(what: string, body: object): Rule {
  return {
    audience: PLATFORM,
    changes: true,
    probes: (place) => [probe('id', of(place, `/${what}`), runsTenant(place), OK, post(body))],
  }
}

export const incidentRules: Record<string, Rule> = {
  'POST /v1/incidents': { audience: PLATFORM, changes: true, probes: opening },
  'GET /v1/incidents': {
    audience: PLATFORM,
    self: true,
    probes: () => [probe('whole', '/v1/incidents', true, OK)],
  },
  'GET /v1/incidents/{id}': {
    audience: PLATFORM,
    probes: (place) => [probe('id', of(place), runsTenant(place), OK)],
  },
  'GET /v1/incidents/{id}/scope': {
    audience: PLATFORM,
    probes: (place) => [probe('id', of(place, '/scope'), runsTenant(place), OK)],
  },
  'GET /v1/incidents/{id}/scope/subjects': {
    audience: PLATFORM,
    probes: (place) => [probe('id', of(place, '/scope/subjects'), runsTenant(place), OK)],
  },
  'GET /v1/incidents/{id}/report': {
    audience: PLATFORM,
    probes: (place) => [
      probe('id', of(place, '/report'), runsTenant(place), OK),
      probe('form', of(place, '/report?form=gdpr-33'), runsTenant(place), OK),
      probe('html', of(place, '/report'), runsTenant(place), OK, {
        request: { headers: { accept: 'text/html' } },
      }),
    ],
  },
  'POST /v1/incidents/{id}/assess': does('assess', { severity: 'low' }),
  'POST /v1/incidents/{id}/contain': does('contain', { actions: ['retire_tokens'] }),
  'POST /v1/incidents/{id}/release': does('release', { reason: 'x' }),
  'GET /v1/incidents/{id}/clocks': {
    audience: PLATFORM,
    probes: (place) => [probe('id', of(place, '/clocks'), runsTenant(place), OK)],
  },
  'POST /v1/incidents/{id}/clocks/met': {
    audience: PLATFORM,
    probes: (place) => {
      const body = { rules: ['eu-gdpr-33-1'], at: '2020-01-01T00:00:00Z' }
      // Nobody was aware yet: whoever may is told that.
      const given = refuses(400, 'invalid_request')
      return [probe('id', of(place, '/clocks/met'), runsTenant(place), given, post(body))]
    },
  },
  'POST /v1/incidents/{id}/clocks/waived': does('clocks/waived', { rules: ['eu-gdpr-33-1'], reason: 'x' }),
  'POST /v1/incidents/{id}/clocks/reopened': does('clocks/reopened', {
    rules: ['eu-gdpr-33-1'],
    reason: 'x',
  }),
  'POST /v1/incidents/{id}/close': does('close', { reason: 'x' }),
  'POST /v1/incidents/{id}/reopen': {
    audience: PLATFORM,
    changes: true,
    probes: (place) => {
      const body = { reason: 'x' }
      // It is open: whoever may is told that.
      const given = refuses(409, 'state_conflict')
      return [probe('id', of(place, '/reopen'), runsTenant(place), given, post(body))]
    },
  },
}
