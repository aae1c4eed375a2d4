import { NOBODY } from './p11-canaries.ts'
import type { Canaries } from './p11-canaries.ts'
import { somebody } from './p11-people.ts'
import type { Check, Place, Probe, Rule } from './p11-rule.ts'
import {
  DONE,
  CREATED,
  FIELDS,
  NOT_FOUND,
  OK,
  PARTIES,
  REMOVE,
  SOMETHING,
  answers,
  isPerson,
  post,
  probe,
  refuses,
  runsTenant,
} from './p11-rule.ts'

const PLATFORM = ['platform'] as const
const PERSON = ['person'] as const
const GRANTS = ['standing', 'delivery', 'given'] as const
const BAD_CURSOR = refuses(400, 'invalid_request')

/** Grants, sessions, and what people do for themselves. */
export function personRules(canaries: Canaries, now: () => number): Record<string, Rule> {
  const word = () => canaries.word({ what: 'a reason', ...NOBODY })
  return { ...grantRules(now), ...revokeRules(word), ...sessionRules, ...ownRules(canaries) }
}

function grantRules(now: () => number): Record<string, Rule> {
  return {
    'GET /v1/grants': {
      audience: PLATFORM,
      probes(place) {
        const { target, home } = place
        const own = `/v1/grants?subject=${home.subject}&cursor=${target.grants.standing}`
        const isSame = target.subject === home.subject
        return [
          probe('subject', `/v1/grants?subject=${target.subject}`, runsTenant(place), SOMETHING),
          probe('cursor', own, isSame, OK, { absent: BAD_CURSOR }),
        ]
      },
    },
    'POST /v1/grants': { audience: PLATFORM, changes: true, probes: (place) => newGrantProbes(place, now) },
  }
}

function newGrantProbes(place: Place, now: () => number): Probe[] {
  const { target, home } = place
  const until = new Date(now() + 86_400_000).toISOString()
  const usual = {
    subject: home.subject,
    party: home.merchant.id,
    purpose: 'customer_service',
    basis: 'contract',
    until,
  }
  const bySubject = (['name', 'phone', 'email'] as const).map((field) => {
    const body = { ...usual, subject: target.subject, fields: { [field]: 'full' } }
    return probe(`subject ${field}`, '/v1/grants', runsTenant(place) && !target.erased, CREATED, post(body))
  })
  // Where the platform may reach the target, the person is the target's too, and an erased one takes no grant.
  const byParty = PARTIES.map((kind) => {
    const body = { ...usual, party: target[kind].id, fields: { phone: 'full' } }
    const given = target.erased ? NOT_FOUND : CREATED
    return probe(`party ${kind}`, '/v1/grants', runsTenant(place), given, post(body))
  })
  return [...bySubject, ...byParty]
}

function revokeRules(word: () => string): Record<string, Rule> {
  const revokes = ({ target }: Place, path: string, knows: boolean, reason?: string) => {
    const given = target.erased ? refuses(409, 'state_conflict') : OK
    const request = post(reason === undefined ? undefined : { reason })
    return GRANTS.map((grant) => {
      const field = reason === undefined ? grant : `${grant}, with a reason`
      return probe(field, `${path}/${target.grants[grant]}/revoke`, knows, given, request)
    })
  }
  return {
    'POST /v1/grants/{id}/revoke': {
      audience: PLATFORM,
      changes: true,
      probes: (place) => revokes(place, '/v1/grants', runsTenant(place), word()),
    },
    'POST /v1/me/grants/{id}/revoke': {
      audience: PERSON,
      changes: true,
      probes: (place) =>
        [undefined, word()].flatMap((reason) => revokes(place, '/v1/me/grants', isPerson(place), reason)),
    },
  }
}

const sessionRules: Record<string, Rule> = {
  'POST /v1/subjects/{id}/sessions': {
    audience: PLATFORM,
    changes: true,
    probes(place) {
      const path = `/v1/subjects/${place.target.subject}/sessions`
      return [probe('id', path, runsTenant(place) && !place.target.erased, OK, post())]
    },
  },
  'DELETE /v1/sessions/{id}': {
    audience: PLATFORM,
    changes: true,
    probes(place) {
      return [probe('id', `/v1/sessions/${place.target.session.id}`, runsTenant(place), DONE, REMOVE)]
    },
  },
}

/** The caller's own things; of an erased person nothing but the trace is left. */
function own(method: string, path: string, unlessErased: Check): Rule {
  return {
    audience: PERSON,
    self: true,
    ...(method !== 'GET' && { changes: true }),
    probes({ caller }) {
      const given = caller.home.erased ? NOT_FOUND : unlessErased
      return [probe('own', path, true, given, { request: { method } })]
    },
  }
}

function ownRules(canaries: Canaries): Record<string, Rule> {
  const whoIs = answers(200, ({ body }) => (body.subject ? undefined : 'a subject expected'))
  return {
    'GET /v1/me': own('GET', '/v1/me', whoIs),
    'GET /v1/me/evidence': own('GET', '/v1/me/evidence', OK),
    'GET /v1/me/export': own('GET', '/v1/me/export', whoIs),
    'POST /v1/me/erasure': own('POST', '/v1/me/erasure', OK),
    'PATCH /v1/me': {
      audience: PERSON,
      self: true,
      changes: true,
      probes: ({ caller }) =>
        FIELDS.map((field) => {
          const body = { person: { [field]: somebody(canaries)[field] } }
          const given = caller.home.erased ? NOT_FOUND : OK
          return probe(field, '/v1/me', true, given, { request: { method: 'PATCH', body } })
        }),
    },
    'DELETE /v1/me/session': {
      audience: PERSON,
      self: true,
      changes: true,
      probes: () => [probe('own', '/v1/me/session', true, DONE, REMOVE)],
    },
    'GET /v1/me/accesses': {
      audience: PERSON,
      // A cursor is a place in the log's order: any number is one, and says nothing.
      probes: ({ target }) => [
        probe('list', '/v1/me/accesses?limit=20', true, OK),
        probe('cursor', `/v1/me/accesses?limit=20&cursor=${target.logIndex}`, true, OK),
      ],
    },
    'GET /v1/me/grants': {
      audience: PERSON,
      probes: (place) => [
        probe('list', '/v1/me/grants', true, OK),
        ...GRANTS.map((grant) => {
          const path = `/v1/me/grants?cursor=${place.target.grants[grant]}`
          return probe(`cursor ${grant}`, path, isPerson(place), OK, { absent: BAD_CURSOR })
        }),
      ],
    },
  }
}
