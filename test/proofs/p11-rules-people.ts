import { NOBODY } from './p11-canaries.ts'
import type { Canaries } from './p11-canaries.ts'
import { somebody } from './p11-people.ts'
import type { Place, Probe, Rule } from './p11-rule.ts'
import {
  CREATED,
  DONE,
  FIELDS,
  OK,
  PARTIES,
  REMOVE,
  isShop,
  itemIs,
  post,
  probe,
  runsTenant,
} from './p11-rule.ts'

const PLATFORM = ['platform'] as const

/** Shops, couriers and people. */
export function peopleRules(canaries: Canaries): Record<string, Rule> {
  const word = () => canaries.word({ what: 'a value of nobody', ...NOBODY })
  return { ...partyRules(canaries, word), ...subjectRules(canaries, word) }
}

function ofParties(
  path: (at: Place, kind: (typeof PARTIES)[number]) => Parameters<typeof probe>,
): Rule['probes'] {
  return (place) => PARTIES.map((kind) => probe(...path(place, kind)))
}

function partyRules(canaries: Canaries, word: () => string): Record<string, Rule> {
  const ofPlatform = {
    what: "a party's name",
    mayReach: ({ kind }: { kind?: string }) => kind === 'platform',
  }
  const name = () => canaries.word(ofPlatform)
  return {
    'POST /v1/parties': {
      audience: PLATFORM,
      self: true,
      probes: ofParties((_, kind) => {
        const body = { kind, name: name(), contact: name() }
        return [kind, '/v1/parties', true, CREATED, post(body)]
      }),
    },
    'GET /v1/parties': {
      audience: PLATFORM,
      // A cursor names a place in the order of ids, not a party: it is taken whoever it came from.
      probes: ({ target }) =>
        ['', '&kind=courier', '&status=active'].map((filter) => {
          const path = `/v1/parties?limit=3&cursor=${target.merchant.id}${filter}`
          return probe(`cursor${filter}`, path, true, OK)
        }),
    },
    'GET /v1/parties/{id}': {
      audience: PLATFORM,
      probes: ofParties((at, kind) => [kind, `/v1/parties/${at.target[kind].id}`, runsTenant(at), OK]),
    },
    'POST /v1/parties/{id}/status': {
      audience: PLATFORM,
      changes: true,
      probes: ofParties((at, kind) => {
        const path = `/v1/parties/${at.target[kind].id}/status`
        return [kind, path, runsTenant(at), OK, post({ status: 'suspended', reason: word() })]
      }),
    },
    'POST /v1/parties/{id}/credentials': {
      audience: PLATFORM,
      changes: true,
      probes: ofParties((at, kind) => {
        const path = `/v1/parties/${at.target[kind].id}/credentials`
        return [kind, path, runsTenant(at), CREATED, post({ label: word() })]
      }),
    },
    'DELETE /v1/credentials/{id}': {
      audience: PLATFORM,
      changes: true,
      probes: ofParties((at, kind) => {
        return [kind, `/v1/credentials/${at.target[kind].credentialId}`, runsTenant(at), DONE, REMOVE]
      }),
    },
  }
}

function subjectRules(canaries: Canaries, word: () => string): Record<string, Rule> {
  const runsPerson = (place: Place) => runsTenant(place) && !place.target.erased
  return {
    'POST /v1/tokenize': {
      audience: ['platform', 'merchant'],
      changes: true,
      probes: (place) => tokenizeProbes(place, canaries, word),
    },
    'PATCH /v1/subjects/{id}': {
      audience: PLATFORM,
      changes: true,
      probes: (place) =>
        FIELDS.map((field) => {
          const body = { person: { [field]: somebody(canaries)[field] } }
          const path = `/v1/subjects/${place.target.subject}`
          return probe(field, path, runsPerson(place), OK, { request: { method: 'PATCH', body } })
        }),
    },
    'GET /v1/subjects/{id}/evidence': {
      audience: PLATFORM,
      probes: (place) => [
        probe('id', `/v1/subjects/${place.target.subject}/evidence`, runsTenant(place), OK),
      ],
    },
    'DELETE /v1/subjects/{id}': {
      audience: PLATFORM,
      changes: true,
      probes: (place) => [probe('id', `/v1/subjects/${place.target.subject}`, runsPerson(place), OK, REMOVE)],
    },
  }
}

function tokenizeProbes(place: Place, canaries: Canaries, word: () => string): Probe[] {
  const { target, home, caller } = place
  const items = (ref: string) => [{ key: 'row-1', external_ref: ref, person: somebody(canaries) }]
  const asked = post({ party: target.merchant.id, items: items(word()) })
  const named = runsTenant(place) || isShop(place)
  const byParty = probe('party', '/v1/tokenize', named, itemIs('created'), asked)
  // A person brought in twice has one ref, and who used it once has made it their own.
  if (target.second) return [byParty]
  const party = caller.kind === 'merchant' ? {} : { party: home.merchant.id }
  const brought = target.broughtBy === 'platform' ? runsTenant(place) : isShop(place)
  const more = { ...post({ ...party, items: items(target.externalRef) }), absent: itemIs('created') }
  // An erased person's ref is free again.
  const known = brought && !target.erased
  return [byParty, probe('external_ref', '/v1/tokenize', known, itemIs('updated'), more)]
}
