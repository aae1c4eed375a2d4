import { NOBODY } from './p11-canaries.ts'
import type { Canaries } from './p11-canaries.ts'
import { peopleOf } from './p11-people.ts'
import type { Rule } from './p11-rule.ts'
import {
  FIELDS,
  NOTHING,
  NOT_FOUND,
  answers,
  isShop,
  itemIs,
  lists,
  post,
  refuses,
  runsTenant,
  SOMETHING,
} from './p11-rule.ts'

const PLATFORM = ['platform'] as const
const SHOP = ['merchant'] as const
const BRINGS_PEOPLE_IN = ['platform', 'merchant'] as const

/** Shops, couriers, people and their tokens. */
export function peopleRules(canaries: Canaries): Record<string, Rule> {
  const word = () => canaries.word({ what: 'a value of nobody', ...NOBODY })
  const somebody = () =>
    peopleOf(canaries).pii({ tenant: '', subject: '', shops: new Set(), couriers: new Set() }).person
  return { ...partyRules(word), ...subjectRules(word, somebody), ...tokenRules() }
}

function partyRules(word: () => string): Record<string, Rule> {
  const PARTIES = ['merchant', 'courier'] as const
  return {
    'POST /v1/parties': {
      ...{ audience: PLATFORM, self: true },
      probes: () =>
        PARTIES.map((kind) => {
          const body = { kind, name: word(), contact: word() }
          return { field: kind, path: '/v1/parties', request: post(body), knows: true, given: answers(201) }
        }),
    },
    'GET /v1/parties': {
      audience: PLATFORM,
      // A cursor names a place in the order of ids, not a party: it is taken whoever it came from.
      probes: ({ target }) =>
        ['', '&kind=courier', '&status=active'].map((filter) => ({
          ...{ field: `cursor${filter}`, knows: true, given: answers(200) },
          path: `/v1/parties?limit=3&cursor=${target.merchant.id}${filter}`,
        })),
    },
    'GET /v1/parties/{id}': {
      audience: PLATFORM,
      probes: (place) =>
        PARTIES.map((kind) => ({
          ...{ field: kind, path: `/v1/parties/${place.target[kind].id}` },
          ...{ knows: runsTenant(place), given: answers(200) },
        })),
    },
    'POST /v1/parties/{id}/status': {
      ...{ audience: PLATFORM, changes: true },
      probes: (place) =>
        PARTIES.map((kind) => ({
          ...{ field: kind, path: `/v1/parties/${place.target[kind].id}/status` },
          request: post({ status: 'suspended', reason: word() }),
          ...{ knows: runsTenant(place), given: answers(200) },
        })),
    },
    'POST /v1/parties/{id}/credentials': {
      ...{ audience: PLATFORM, changes: true },
      probes: (place) =>
        PARTIES.map((kind) => ({
          ...{ field: kind, path: `/v1/parties/${place.target[kind].id}/credentials` },
          request: post({ label: word() }),
          ...{ knows: runsTenant(place), given: answers(201) },
        })),
    },
    'DELETE /v1/credentials/{id}': {
      ...{ audience: PLATFORM, changes: true },
      probes: (place) =>
        PARTIES.map((kind) => ({
          ...{
            field: kind,
            path: `/v1/credentials/${place.target[kind].credentialId}`,
            request: { method: 'DELETE' },
          },
          ...{ knows: runsTenant(place), given: answers(204) },
        })),
    },
  }
}

function subjectRules(word: () => string, somebody: () => Record<string, unknown>): Record<string, Rule> {
  return {
    'POST /v1/tokenize': {
      ...{ audience: BRINGS_PEOPLE_IN, changes: true },
      probes(place) {
        const { target, home, caller } = place
        const items = (ref: string) => [{ key: 'row-1', external_ref: ref, person: somebody() }]
        const party = caller.kind === 'merchant' ? {} : { party: home.merchant.id }
        const brought = target.broughtBy === 'platform' ? runsTenant(place) : isShop(place)
        const byParty = {
          ...{ field: 'party', path: '/v1/tokenize' },
          request: post({ party: target.merchant.id, items: items(word()) }),
          ...{ knows: runsTenant(place) || isShop(place), given: itemIs('created') },
        }
        // A person brought in twice has one ref, and who used it once has made it their own.
        if (target.second) return [byParty]
        const byRef = {
          ...{ field: 'external_ref', path: '/v1/tokenize' },
          request: post({ ...party, items: items(target.externalRef) }),
          // An erased person's ref is free again.
          ...{ knows: brought && !target.erased, given: itemIs('updated'), absent: itemIs('created') },
        }
        return [byParty, byRef]
      },
    },
    'PATCH /v1/subjects/{id}': {
      ...{ audience: PLATFORM, changes: true },
      probes: (place) =>
        FIELDS.map((field) => ({
          ...{ field, path: `/v1/subjects/${place.target.subject}` },
          request: { method: 'PATCH', body: { person: { [field]: somebody()[field] } } },
          ...{ knows: runsTenant(place) && !place.target.erased, given: answers(200) },
        })),
    },
    'DELETE /v1/subjects/{id}': {
      ...{ audience: PLATFORM, changes: true },
      probes: (place) => [
        {
          ...{ field: 'id', path: `/v1/subjects/${place.target.subject}`, request: { method: 'DELETE' } },
          ...{ knows: runsTenant(place) && !place.target.erased, given: answers(200), absent: NOT_FOUND },
        },
      ],
    },
  }
}

/** Each field's token alone, and all four behind one of the caller's own. */
function batch(
  path: string,
  given: (erased: boolean) => ReturnType<typeof itemIs>,
  absent: ReturnType<typeof itemIs>,
): Rule {
  return {
    audience: SHOP,
    probes(place) {
      const { target, home } = place
      const cell = { path, knows: isShop(place), given: given(target.erased), absent }
      const own = { key: 'own', token: home.tokens.phone }
      const each = FIELDS.map((field) => {
        const items = [{ key: 'asked', token: target.tokens[field] }]
        return { field, request: post({ items }), ...cell }
      })
      const all = FIELDS.map((field) => ({ key: field, token: target.tokens[field] }))
      return [...each, { field: 'behind an own token', request: post({ items: [own, ...all] }), ...cell }]
    },
  }
}

function tokenRules(): Record<string, Rule> {
  const grouped = (some: boolean) =>
    answers(200, ({ body }) => {
      const keys: string[] = body.groups.flat().filter((key: string) => key !== 'own')
      return keys.length > 0 === some ? undefined : `${some ? 'some' : 'no'} keys expected`
    })
  return {
    'POST /v1/mask': batch(
      '/v1/mask',
      (erased) => itemIs(erased ? 'subject_erased' : 'ok'),
      itemIs('token_unknown'),
    ),
    'POST /v1/validate': batch(
      '/v1/validate',
      (erased) => itemIs(erased ? 'retired' : 'live'),
      itemIs('unknown'),
    ),
    'POST /v1/group': batch('/v1/group', (erased) => grouped(!erased), grouped(false)),
    'POST /v1/search': {
      audience: BRINGS_PEOPLE_IN,
      probes(place) {
        const { target, caller } = place
        const { phone, email } = target.pii.person
        const holds = caller.party !== undefined && target.relations.shops.has(caller.party)
        const cell = { path: '/v1/search', given: SOMETHING, absent: NOTHING }
        const knows = (runsTenant(place) || holds) && !target.erased
        const ask = (term: object) => ({ request: post({ purpose: 'customer_service', ...term }) })
        const byOrder = {
          ...cell,
          ...ask({ phone_last4: phone.slice(-4), order_ref: target.orderRef }),
          field: 'order_ref',
        }
        const shopOnly = refuses(400, 'invalid_request')
        return [
          { ...cell, ...ask({ phone }), field: 'phone', knows },
          { ...cell, ...ask({ email }), field: 'email', knows },
          caller.kind === 'platform'
            ? { ...byOrder, knows: false, absent: shopOnly }
            : {
                ...byOrder,
                knows: isShop(place) && !target.erased,
                given: lists((rows) => rows.length === 1, 'one row'),
              },
        ]
      },
    },
  }
}
