import { NOBODY } from './p11-canaries.ts'
import type { Canaries } from './p11-canaries.ts'
import { peopleOf } from './p11-people.ts'
import type { Check, Place, Probe, Rule } from './p11-rule.ts'
import { FIELDS, NOT_FOUND, SOMETHING, answers, isPerson, post, refuses, runsTenant } from './p11-rule.ts'

const PLATFORM = ['platform'] as const
const PERSON = ['person'] as const
const GRANTS = ['standing', 'delivery', 'given'] as const
const BAD_CURSOR = refuses(400, 'invalid_request')

/** Grants, sessions, and what people do for themselves. */
export function personRules(canaries: Canaries, now: () => number): Record<string, Rule> {
  const word = () => canaries.word({ what: 'a value of nobody', ...NOBODY })
  return { ...grantRules(word, now), ...sessionRules(), ...ownRules(canaries, word) }
}

function grantRules(word: () => string, now: () => number): Record<string, Rule> {
  const until = () => new Date(now() + 86_400_000).toISOString()
  const grant = (place: Place, what: object) => {
    const { home } = place
    const usual = { purpose: 'customer_service', basis: 'contract', until: until() }
    return post({ subject: home.subject, party: home.merchant.id, ...usual, ...what })
  }
  return {
    'GET /v1/grants': {
      audience: PLATFORM,
      probes(place) {
        const { target, home } = place
        const path = `/v1/grants?subject=${target.subject}`
        const own = `/v1/grants?subject=${home.subject}&cursor=${target.grants.standing}`
        const isSame = target.subject === home.subject
        return [
          { field: 'subject', path, knows: runsTenant(place), given: SOMETHING },
          { field: 'cursor', path: own, knows: isSame, given: answers(200), absent: BAD_CURSOR },
        ]
      },
    },
    'POST /v1/grants': {
      ...{ audience: PLATFORM, changes: true },
      probes(place) {
        const { target } = place
        const cell = { path: '/v1/grants', given: answers(201) }
        const bySubject = (['name', 'phone', 'email'] as const).map((field) => ({
          ...{ ...cell, field: `subject ${field}`, knows: runsTenant(place) && !target.erased },
          request: grant(place, { subject: target.subject, fields: { [field]: 'full' } }),
        }))
        const subject = { fields: { phone: 'full' } }
        // The base is the target itself where the platform may reach it, and an erased one takes no grant.
        const byParty = (['merchant', 'courier'] as const).map((kind) => ({
          ...{ ...cell, field: `party ${kind}`, knows: runsTenant(place) },
          ...{
            request: grant(place, { ...subject, party: target[kind].id }),
            given: target.erased ? NOT_FOUND : cell.given,
          },
        }))
        return [...bySubject, ...byParty]
      },
    },
    'POST /v1/grants/{id}/revoke': {
      ...{ audience: PLATFORM, changes: true },
      probes: (place) => revokes(place, '/v1/grants', runsTenant(place), post({ reason: word() })),
    },
    'POST /v1/me/grants/{id}/revoke': {
      ...{ audience: PERSON, changes: true },
      probes: (place) => [
        ...revokes(place, '/v1/me/grants', isPerson(place), post()),
        ...revokes(place, '/v1/me/grants', isPerson(place), post({ reason: word() })),
      ],
    },
  }
}

function revokes({ target }: Place, path: string, knows: boolean, request: Probe['request']): Probe[] {
  const given = target.erased ? refuses(409, 'state_conflict') : answers(200)
  const withReason = request?.body === undefined ? '' : ', with a reason'
  return GRANTS.map((grant) => ({
    ...{ field: `${grant}${withReason}`, path: `${path}/${target.grants[grant]}/revoke` },
    ...{ request: request!, knows, given },
  }))
}

function sessionRules(): Record<string, Rule> {
  return {
    'POST /v1/subjects/{id}/sessions': {
      ...{ audience: PLATFORM, changes: true },
      probes: (place) => [
        {
          ...{ field: 'id', path: `/v1/subjects/${place.target.subject}/sessions`, request: post() },
          ...{ knows: runsTenant(place) && !place.target.erased, given: answers(200) },
        },
      ],
    },
    'DELETE /v1/sessions/{id}': {
      ...{ audience: PLATFORM, changes: true },
      probes: (place) => [
        {
          ...{ field: 'id', path: `/v1/sessions/${place.target.session.id}`, request: { method: 'DELETE' } },
          ...{ knows: runsTenant(place), given: answers(204) },
        },
      ],
    },
  }
}

/** The caller's own things; of an erased person nothing but the trace is left. */
function own(method: string, path: string, unlessErased: Check, body?: (field: string) => unknown): Rule {
  const fields = body ? FIELDS : ['own']
  return {
    ...{ audience: PERSON, self: true, ...(method !== 'GET' && { changes: true as const }) },
    probes: ({ caller }) =>
      fields.map((field) => ({
        ...{ field, path, request: { method, ...(body && { body: body(field) }) } },
        ...{ knows: true, given: caller.home.erased ? NOT_FOUND : unlessErased },
      })),
  }
}

function ownRules(canaries: Canaries, word: () => string): Record<string, Rule> {
  const nobody = { tenant: '', subject: '', shops: new Set<string>(), couriers: new Set<string>() }
  const person = (field: string) => {
    const made: Record<string, unknown> = peopleOf(canaries).pii(nobody).person
    return { person: { [field]: made[field] ?? word() } }
  }
  const whoIs = ({ body }: { body: { subject?: string } }) =>
    body.subject ? undefined : 'a subject expected'
  return {
    'GET /v1/me': own('GET', '/v1/me', answers(200, whoIs)),
    'PATCH /v1/me': own('PATCH', '/v1/me', answers(200), person),
    'GET /v1/me/export': own('GET', '/v1/me/export', answers(200, whoIs)),
    'POST /v1/me/erasure': own('POST', '/v1/me/erasure', answers(200)),
    'DELETE /v1/me/session': {
      ...{ audience: PERSON, self: true, changes: true },
      probes: () => [
        {
          field: 'own',
          path: '/v1/me/session',
          request: { method: 'DELETE' },
          knows: true,
          given: answers(204),
        },
      ],
    },
    'GET /v1/me/accesses': {
      audience: PERSON,
      // A cursor is a place in the log's order: any number is one, and says nothing.
      probes: ({ target }) =>
        ['', `&cursor=${target.logIndex}`].map((cursor) => ({
          ...{ field: `list${cursor && ' from a cursor'}`, path: `/v1/me/accesses?limit=20${cursor}` },
          ...{ knows: true, given: answers(200) },
        })),
    },
    'GET /v1/me/grants': {
      audience: PERSON,
      probes: (place) => [
        { field: 'list', path: '/v1/me/grants', knows: true, given: answers(200) },
        ...GRANTS.map((grant) => ({
          ...{ field: `cursor ${grant}`, path: `/v1/me/grants?cursor=${place.target.grants[grant]}` },
          ...{ knows: isPerson(place), given: answers(200), absent: BAD_CURSOR },
        })),
      ],
    },
  }
}
