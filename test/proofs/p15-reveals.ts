import { endOfUtcDay, toRfc3339 } from '../../src/core/time.ts'
import type { Answered } from '../http/harness.ts'
import type { Party, World } from '../http/world.ts'
import { PERSON } from '../http/world.ts'

export type Item = { key: string; token: string; order_ref: string } | { key: string; waybill: string }

export type Outcome = { key: string; status: string; code?: string; event?: string }

export type Given = {
  items: Outcome[]
  quota: { limit: number; remaining: number; cost: number; resets_at: string }
}

/** Tokens of so many persons' phones, each its own item to look at. */
export async function bringIn(world: World, count: number, shop = world.shop): Promise<Item[]> {
  const items = Array.from({ length: count }, (_, i) => ({ key: `k${i}`, person: PERSON }))
  const { body } = await world.ok(world.platform, '/v1/tokenize', { party: shop.id, items })
  const made = body.items as { tokens: { phone: string } }[]
  return made.map(({ tokens }, i) => ({ key: `k${i}`, token: tokens.phone, order_ref: 'SO-1' }))
}

export function reveal(
  world: World,
  items: readonly Item[],
  { by = world.shop, purpose = 'customer_service' }: { by?: Party; purpose?: string } = {},
): Promise<Answered> {
  return world.call(by.credential, '/v1/reveal', { body: { purpose, operator: { id: 'emp-1' }, items } })
}

/** How often a client that is told that something moved in between asks again, before it gives up. */
const MAX_TRIES = 20

export type Race = { answers: Given[]; triedAgain: number; failures: string[] }

/** All calls at once. What is answered `conflict` had no effect, and is asked again. */
export async function revealAtOnce(
  world: World,
  calls: readonly (readonly Item[])[],
  options: { purpose?: string } = {},
): Promise<Race> {
  const race: Race = { answers: [], triedAgain: 0, failures: [] }
  const until = async (items: readonly Item[]): Promise<void> => {
    for (let tried = 1; ; tried++) {
      const answer = await reveal(world, items, options)
      if (answer.status === 200) {
        race.answers.push(answer.body as Given)
        race.failures.push(...explain(world, answer))
        return
      }
      if (answer.body?.code !== 'conflict' || tried === MAX_TRIES) {
        race.failures.push(`a reveal: ${answer.status} ${answer.text}`)
        return
      }
      race.triedAgain += 1
    }
  }
  await Promise.all(calls.map(until))
  return race
}

/** Answered items by what became of them: `ok`, or the code of the refusal. */
export function tally(answers: readonly Given[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status, code } of answers.flatMap(({ items }) => items)) {
    counts[code ?? status] = (counts[code ?? status] ?? 0) + 1
  }
  return counts
}

/** What an answer says of the quota has to be one thing, and to explain the refusals beside it. */
export function explain(world: World, { body, headers }: Answered): string[] {
  const { items, quota } = body as Given
  const resets = endOfUtcDay(world.now())
  const said = {
    policy: headers.get('ratelimit-policy'),
    state: headers.get('ratelimit'),
    resets_at: quota.resets_at,
  }
  const due = {
    policy: `"day";q=${quota.limit};w=86400`,
    state: `"day";r=${quota.remaining};t=${Math.ceil((resets - world.now()) / 1_000)}`,
    resets_at: toRfc3339(resets),
  }
  const exhausted = items.some(({ code }) => code === 'quota_exhausted')
  const wrong = [
    JSON.stringify(said) === JSON.stringify(due)
      ? ''
      : `${JSON.stringify(said)}, has to be ${JSON.stringify(due)}`,
    exhausted && quota.remaining !== 0 ? `denied for the quota with ${quota.remaining} left` : '',
    quota.remaining < 0 || quota.remaining + quota.cost > quota.limit
      ? `impossible: ${JSON.stringify(quota)}`
      : '',
    quota.cost > items.length ? `cost ${quota.cost} for ${items.length} items` : '',
  ]
  return wrong.filter((text) => text !== '')
}
