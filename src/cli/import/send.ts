import { VaultError } from '../../core/errors.ts'
import type { ErrorCode } from '../../core/errors.ts'
import { readOutcomes } from './answer.ts'
import type { FieldFault, Outcome, Problem } from './answer.ts'
import type { Order, Recipient } from './order.ts'
import { post } from './post.ts'
import type { Service } from './post.ts'

export type Terms = { party: string; linkability: string }

/** By order number. */
export type Outcomes = ReadonlyMap<string, Outcome>

type Item = { order: Order; recipient: Recipient }

function toBody(items: readonly Item[], { party, linkability }: Terms): string {
  return JSON.stringify({
    linkability,
    party,
    items: items.map(({ order, recipient }) => ({
      key: order.ref,
      external_ref: recipient.externalRef,
      ...(order.locale === undefined ? {} : { locale: order.locale }),
      jurisdiction: order.jurisdiction,
      person: recipient.person,
    })),
  })
}

const KNOWN_STATUSES: ReadonlyMap<number, ErrorCode> = new Map([
  [401, 'unauthenticated'],
  [403, 'forbidden'],
])

function refusedCall(problem: Problem): VaultError {
  const { status, code, title, requestId, faults } = problem
  const about = faults.map((fault) => `${fault.pointer} ${fault.code}`).join(', ')
  const notes = [title, about, requestId].filter((note) => note !== '').join('; ')
  const advice =
    status === 401
      ? ' Is it the right --key-file?'
      : status === 404 || faults.some(({ pointer }) => pointer === '/party')
        ? ' --party must name an active merchant that this key may import for.'
        : ''
  return new VaultError(
    KNOWN_STATUSES.get(status) ?? 'invalid_request',
    `The service refused the call: ${status} ${code}${notes === '' ? '' : ` (${notes})`}.${advice}`,
  )
}

const ITEM_POINTER = /^\/items\/(\d+)(\/.*)?$/

/** Faults by the item they are in; undefined when one is in none: then the call itself is wrong. */
function faultsByItem(problem: Problem): Map<number, FieldFault[]> | undefined {
  const byItem = new Map<number, FieldFault[]>()
  for (const { pointer, code } of problem.faults) {
    const [, place, rest = ''] = ITEM_POINTER.exec(pointer) ?? []
    if (place === undefined) return undefined
    const faults = byItem.get(Number(place)) ?? []
    byItem.set(Number(place), [...faults, { pointer: rest, code }])
  }
  return byItem.size > 0 ? byItem : undefined
}

/** An item that makes the whole call invalid is taken out and the others are sent again. */
async function tokenize(
  service: Service,
  terms: Terms,
  items: readonly Item[],
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>()
  let left = items
  while (left.length > 0) {
    const answer = await post(service, '/v1/tokenize', toBody(left, terms))
    if (answer.ok) {
      const keys = left.map(({ order }) => order.ref)
      readOutcomes(answer.body, keys).forEach((outcome, i) => outcomes.set(keys[i] ?? '', outcome))
      return outcomes
    }
    const faulty = faultsByItem(answer.problem)
    const kept = left.filter((_, place) => !faulty?.has(place))
    if (faulty === undefined || kept.length === left.length) throw refusedCall(answer.problem)
    for (const [place, faults] of faulty) {
      const ref = left[place]?.order.ref
      if (ref !== undefined) outcomes.set(ref, { refused: faults[0]?.code || 'invalid_request', faults })
    }
    left = kept
  }
  return outcomes
}

function isAboutPhone(outcome: Outcome | undefined): boolean {
  return (
    outcome !== undefined &&
    'refused' in outcome &&
    outcome.faults.some((fault) => fault.pointer.endsWith('/phone'))
  )
}

/**
 * Orders in, tokens or a reason for each out. Where the service cannot take the first phone and there is a second, that
 * one is tried, once.
 * @throws VaultError when the call as a whole is refused, or the service stays away.
 */
export async function sendOrders(
  service: Service,
  terms: Terms,
  orders: readonly Order[],
): Promise<Outcomes> {
  const first = orders.map((order) => ({ order, recipient: order.recipient }))
  const outcomes = await tokenize(service, terms, first)
  const again = orders.flatMap((order) =>
    order.otherwise !== undefined && isAboutPhone(outcomes.get(order.ref))
      ? [{ order, recipient: order.otherwise }]
      : [],
  )
  for (const [ref, outcome] of await tokenize(service, terms, again)) outcomes.set(ref, outcome)
  return outcomes
}
