import type { Place, Rule } from './p11-rule.ts'
import { CREATED, NOT_FOUND, OK, itemIs, post, probe, runsTenant } from './p11-rule.ts'

const PLATFORM = ['platform'] as const

function of({ target }: Place, more = ''): string {
  return `/v1/notices/${target.notice}${more}`
}

/** The draft of the estate was written by another credential than the one that calls. */
function does(what: string, body: object): Rule {
  return {
    audience: PLATFORM,
    changes: true,
    probes: (place) => [probe('id', of(place, what), runsTenant(place), OK, post(body))],
  }
}

function reads(more = ''): Rule {
  return {
    audience: PLATFORM,
    probes: (place) => [probe('id', of(place, more), runsTenant(place), OK)],
  }
}

export const noticeRules: Record<string, Rule> = {
  'POST /v1/incidents/{id}/notices': {
    audience: PLATFORM,
    changes: true,
    probes(place) {
      const path = `/v1/incidents/${place.target.incident}/notices`
      const draft = { audience: 'persons', channel: 'page' }
      return [probe('incident', path, runsTenant(place), CREATED, post(draft))]
    },
  },
  'GET /v1/incidents/{id}/notices': {
    audience: PLATFORM,
    probes(place) {
      const path = `/v1/incidents/${place.target.incident}/notices`
      return [probe('incident', path, runsTenant(place), OK)]
    },
  },
  'GET /v1/notices/{id}': reads(),
  'GET /v1/notices/{id}/deliveries': reads('/deliveries'),
  'PATCH /v1/notices/{id}': {
    audience: PLATFORM,
    changes: true,
    probes: (place) => {
      const request = { method: 'PATCH', body: { to: [] } }
      return [probe('id', of(place), runsTenant(place), OK, { request })]
    },
  },
  'POST /v1/notices/{id}/approve': does('/approve', { version: 1 }),
  'POST /v1/notices/{id}/cancel': does('/cancel', { reason: 'x' }),
  'POST /v1/notices/{id}/reports': {
    audience: PLATFORM,
    changes: true,
    probes(place) {
      const body = { items: [{ subject: place.target.subject, state: 'bounced' }] }
      // Nobody has been enrolled yet.
      return [probe('id', of(place, '/reports'), runsTenant(place), itemIs('unknown'), post(body))]
    },
  },
  'GET /v1/me/notices': {
    audience: ['person'],
    self: true,
    probes: ({ caller }) => [probe('whole', '/v1/me/notices', true, caller.home.erased ? NOT_FOUND : OK)],
  },
  'GET /t/{tenant}/notices/{rest}': {
    audience: ['anyone'],
    probes({ target }) {
      const page = (id: string) => `/t/${target.tenant.id}/notices/${id}`
      return [
        probe('published', page(target.published), target.tenant.platform !== '', OK),
        // Nobody, the platform neither, reads there what is no public notice.
        probe('draft', page(target.notice), false, OK),
      ]
    },
  },
}
