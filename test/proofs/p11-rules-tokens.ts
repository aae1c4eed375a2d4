import type { Check, Place, Probe, Rule } from './p11-rule.ts'
import {
  FIELDS,
  NOTHING,
  SOMETHING,
  answers,
  isCourier,
  isShop,
  itemIs,
  lists,
  post,
  probe,
  refuses,
  runsTenant,
} from './p11-rule.ts'

const SHOP = ['merchant'] as const

/** Each field's token alone, and all four behind one of the caller's own. */
function batch(path: string, given: (erased: boolean) => Check, absent: Check): Rule {
  return {
    audience: SHOP,
    probes(place) {
      const { target, home } = place
      const ask = (field: string, items: object[]) =>
        probe(field, path, isShop(place), given(target.erased), { ...post({ items }), absent })
      const all = FIELDS.map((field) => ({ key: field, token: target.tokens[field] }))
      const own = { key: 'own', token: home.tokens.phone }
      return [...all.map((item) => ask(item.key, [item])), ask('behind an own token', [own, ...all])]
    },
  }
}

function grouped(some: boolean): Check {
  return answers(200, ({ body }) => {
    const keys = (body.groups as string[][]).flat().filter((key) => key !== 'own')
    return keys.length > 0 === some ? undefined : `${some ? 'some' : 'no'} keys expected`
  })
}

function searchProbes(place: Place): Probe[] {
  const { target, caller } = place
  const { phone, email } = target.pii
  const holds = caller.party !== undefined && target.relations.shops.has(caller.party)
  const knows = (runsTenant(place) || holds) && !target.erased
  const ask = (field: string, term: object, known: boolean, given: Check, absent: Check) =>
    probe(field, '/v1/search', known, given, { ...post({ purpose: 'customer_service', ...term }), absent })
  const byOrder = { phone_last4: phone.slice(-4), order_ref: target.orderRef }
  const ofShop = isShop(place) && !target.erased
  const one = lists((rows) => rows === 1, 'one row')
  // An order's reference is a shop's own: the platform cannot search by it at all.
  const none = caller.kind === 'platform' ? refuses(400, 'invalid_request') : NOTHING
  return [
    ask('phone', { phone }, knows, SOMETHING, NOTHING),
    ask('email', { email }, knows, SOMETHING, NOTHING),
    ask('order_ref', byOrder, ofShop, one, none),
  ]
}

function revealProbes(place: Place): Probe[] {
  const { target, home, caller } = place
  const { tokens, waybill, orderRef } = target
  const [shop, courier] = [isShop(place), isCourier(place)]
  const shown = itemIs(target.erased ? 'subject_erased' : 'ok')
  const ask = (field: string, purpose: string, knows: boolean, items: object[], given = shown) => {
    const operator = { id: 'emp-1', device: 'hh-1' }
    const request = post({
      purpose,
      operator,
      items: items.map((item, i) => ({ key: `item-${i}`, ...item })),
    })
    return probe(field, '/v1/reveal', knows, given, { ...request, absent: itemIs('token_unknown') })
  }
  const context = { order_ref: orderRef }
  const phone = { token: tokens.phone, ...context }
  const isMerchant = caller.kind === 'merchant'
  const own = isMerchant ? { token: home.tokens.phone, ...context } : { waybill: home.waybill }
  return [
    // For the phone there is a grant of its own; the others stand in the shop's usual one.
    ask('phone', 'customer_service', shop, [phone]),
    ask('name', 'order', shop, [{ token: tokens.name, ...context }]),
    ask('email', 'order', shop, [{ token: tokens.email, ...context }]),
    ask('address', 'order', shop, [{ token: tokens.address, ...context }]),
    ask('all fields of one token', 'customer_service', shop, [{ ...phone, fields: FIELDS }]),
    ask('no order', 'customer_service', shop, [{ token: tokens.phone }], itemIs('context_required')),
    ask('waybill', 'delivery', courier, [{ waybill }]),
    ask('behind an own item', isMerchant ? 'customer_service' : 'delivery', courier, [own, { waybill }]),
  ]
}

/** What parties do with tokens. */
export const tokenRules: Record<string, Rule> = {
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
  'POST /v1/search': { audience: ['platform', 'merchant'], probes: searchProbes },
  'POST /v1/reveal': { audience: ['merchant', 'courier'], probes: revealProbes },
}
