import { expect, onTestFinished, test } from 'vitest'
import { goOnContaining } from '../../../src/vault/incidents/contain-steps.ts'
import type { VaultStore } from '../../../src/vault/store.ts'
import { openWorld, PERSON } from '../../http/world.ts'
import type { Customer, World } from '../../http/world.ts'

/** More than three steps of a containment. */
const PERSONS = 160

async function leaked(): Promise<{ world: World; customers: readonly Customer[]; path: string }> {
  const world = await openWorld()
  onTestFinished(() => world.close())
  const items = Array.from({ length: PERSONS }, (_, i) => {
    return { key: `k-${i}`, external_ref: `u-${i}`, person: PERSON }
  })
  const { body } = await world.ok(world.platform, '/v1/tokenize', { party: world.shop.id, items })
  const customers: readonly Customer[] = body.items
  for (let from = 0; from < PERSONS; from += 100) {
    const tokens = customers.slice(from, from + 100).map(({ tokens: { phone } }, i) => {
      return { key: `k-${i}`, token: phone }
    })
    await world.ok(world.shop.credential, '/v1/mask', { items: tokens })
  }
  const incident = { title: 'x', kind: 'insider', aware_at: new Date(world.now()).toISOString() }
  const suspects = { parties: [world.shop.id] }
  const { id } = (await world.ok(world.platform, '/v1/incidents', { ...incident, suspects })).body
  return { world, customers, path: `/v1/incidents/${id}` }
}

/** Lets `commits` commits through; each after them fails as if the process had been killed before it. */
function killedAfter(commits: number, store: VaultStore): VaultStore {
  let left = commits
  return {
    ...store,
    commit(...list) {
      if (left-- > 0) return store.commit(...list)
      return Promise.reject(new Error('killed'))
    },
  }
}

async function mask(world: World, { tokens }: Customer): Promise<string> {
  const items = [{ key: 'a', token: tokens.phone }]
  const [item] = (await world.ok(world.shop.credential, '/v1/mask', { items })).body.items
  return item.code ?? item.status
}

async function eventsOf(world: World, type: string): Promise<number> {
  let found = 0
  for (let cursor = ''; ;) {
    const { body } = await world.ok(world.platform, `/v1/events?limit=100${cursor}`)
    found += body.items.filter((event: { type: string }) => event.type === type).length
    if (body.next_cursor === null) return found
    cursor = `&cursor=${body.next_cursor}`
  }
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'killed before commit %i after the first, a containment goes on and does nothing twice',
  async (commits) => {
    const { world, customers, path } = await leaked()
    const { vault } = world
    const whole = vault.store
    vault.store = killedAfter(commits, whole)
    const actions = ['revoke_grants', 'retire_tokens']
    const answer = await world.call(world.platform, `${path}/contain`, { body: { actions } })
    vault.store = whole
    const left = (await world.ok(world.platform, path)).body.containment
    const isThrough = answer.status === 200
    // Nobody who is suspected sees anything any more, whoever's turn has come and whoever's has not.
    for (const customer of [customers[0]!, customers.at(-1)!]) {
      expect(await mask(world, customer)).toBe('contained')
    }
    // Negative control: but for the hold, the last one would still be there to see.
    const { items } = (await world.ok(world.platform, `/v1/grants?subject=${customers.at(-1)!.subject}`)).body
    if (commits <= 3) expect(items[0].revoked_at).toBeNull()
    if (!isThrough) expect(left.some(({ state }: { state: string }) => state === 'running')).toBe(true)
    await goOnContaining(vault)
    expect((await world.ok(world.platform, path)).body).toMatchObject({
      state: 'contained',
      containment: [
        { action: 'revoke_grants', state: 'done', counts: { persons: PERSONS, grants: PERSONS } },
        { action: 'retire_tokens', state: 'done', counts: { persons: PERSONS, tokens: 4 * PERSONS } },
      ],
    })
    expect(await eventsOf(world, 'grant.revoked')).toBe(PERSONS)
    expect(await eventsOf(world, 'tokens.retired')).toBe(PERSONS)
    expect(await eventsOf(world, 'incident.contained')).toBe(2)
    await goOnContaining(vault)
    expect(await eventsOf(world, 'grant.revoked')).toBe(PERSONS)
  },
)

test('a yes that was decided before the hold and is committed after it does not stand', async () => {
  const { world, customers, path } = await leaked()
  const { vault } = world
  const whole = vault.store
  let contained = false
  vault.store = {
    ...whole,
    // Between a look's reads and its commit the officer's call comes through.
    async commit(...list) {
      if (!contained && list[1].some(({ type }) => type === 'expect.unheld')) {
        contained = true
        await world.ok(world.platform, `${path}/contain`, { actions: ['retire_tokens'] })
      }
      return whole.commit(...list)
    },
  }
  expect(await mask(world, customers[0]!)).toBe('contained')
  expect(contained).toBe(true)
})
