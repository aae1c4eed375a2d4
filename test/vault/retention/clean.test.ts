import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../../src/core/time.ts'
import type { TenantId } from '../../../src/core/id.ts'
import { cleanUp } from '../../../src/vault/retention/clean.ts'
import { ruleOf } from '../../../src/vault/retention/policy.ts'
import { retentionOf, setRetention } from '../../../src/vault/retention/service.ts'
import type { VaultStore } from '../../../src/vault/store.ts'
import type { Vault } from '../../../src/vault/vault.ts'
import { DEFAULT, openEstate } from './estate.ts'
import type { Estate } from './estate.ts'

let world: Estate
beforeEach(async () => {
  world = await openEstate()
})
afterEach(() => world.close())

function validate(token: string): Promise<string> {
  return world
    .ok(world.shop.credential, '/v1/validate', { items: [{ key: 'k', token }] })
    .then(({ body }) => body.items[0].status)
}

/** The vault over a store of which some calls are something else. */
function over(parts: Partial<VaultStore>): Vault {
  return { ...world.vault, store: { ...world.store, ...parts } }
}

describe('tokens', () => {
  const { keepMs, waitMs } = ruleOf('expired_tokens')

  test('answer expired for their time of grace, then unknown', async () => {
    const { phone } = world.customer.tokens
    world.pass(90 * DAY_MS)
    expect(await validate(phone)).toBe('expired')
    world.pass(keepMs)
    await world.round()
    expect(await validate(phone)).toBe('expired')
    world.pass(waitMs + 1)
    expect(await validate(phone)).toBe('expired')
    await world.round()
    expect(await validate(phone)).toBe('unknown')
    expect((await world.cleanings('expired_tokens'))[0]!.counts).toEqual({ rows: 4 })
  })

  test('that were retired answer so for as long; a person who comes again gets others', async () => {
    const { body } = await world.ok(world.platform, `/v1/grants?subject=${world.customer.subject}`)
    await world.ok(world.platform, `/v1/grants/${body.items[0].id}/revoke`, { reason: 'asked' })
    expect(await validate(world.customer.tokens.name)).toBe('retired')
    world.pass(keepMs + waitMs + 1)
    await world.round()
    expect(await validate(world.customer.tokens.name)).toBe('unknown')
    expect(await validate((await world.addCustomer('u-1')).tokens.name)).toBe('live')
  })
})

describe('parcels', () => {
  test('that were settled long ago lose tokens and notes, keep what accounts need, and answer as before', async () => {
    const { waybill, id } = await world.ship(world.customer.tokens, 'SO-1')
    await world.ok(world.courier.credential, `/v1/shipments/${id}/stage`, {
      stage: 'returned',
      reason: 'nobody home',
    })
    const reveal = async () => {
      const body = { purpose: 'delivery', operator: { id: 'e' }, items: [{ key: 'a', waybill }] }
      return (await world.ok(world.courier.credential, '/v1/reveal', body)).body.items[0].code
    }
    const { keepMs, waitMs } = ruleOf('closed_parcels')
    const seen = async () => (await world.ok(world.platform, `/v1/shipments/${id}`)).body
    const before = await seen()
    world.pass(keepMs + waitMs - 1)
    await world.round()
    const code = await reveal()
    expect(await world.store.listNotes(DEFAULT, world.customer.subject as never)).toHaveLength(1)
    world.pass(1)
    await world.round()
    expect(await seen()).toEqual(before)
    expect(await reveal()).toBe(code)
    expect(await world.store.listNotes(DEFAULT, world.customer.subject as never)).toEqual([])
    expect((await world.cleanings('closed_parcels'))[0]!.counts).toEqual({ rows: 1 })
  })
})

describe('what counts by time alone', () => {
  const NEW = { kind: 'merchant', name: 'Once' }
  const create = (key: string) =>
    world.call(world.platform, '/v1/parties', { body: NEW, headers: { 'idempotency-key': key } })

  test('counts for exactly its time, cleaned or not, and is gone an hour later', async () => {
    const first = await create('k')
    const kept = await create('kept')
    world.pass(DAY_MS)
    await cleanUp(world.vault)
    expect((await create('k')).body).toEqual(first.body)
    world.pass(1)
    expect((await create('k')).body).not.toEqual(first.body)
    expect(await world.cleanings('idempotency')).toEqual([])
    world.pass(HOUR_MS)
    await cleanUp(world.vault)
    expect((await world.cleanings('idempotency')).map(({ counts }) => counts)).toEqual([{ rows: 1 }])
    expect(kept.status).toBe(201)
  })

  test('sessions are gone an hour after they ran out or were ended', async () => {
    const session = await world.signIn(world.customer.subject)
    world.pass(3 * HOUR_MS + 1)
    await cleanUp(world.vault)
    expect((await world.call(session, '/v1/me')).status).toBe(401)
    expect((await world.cleanings('ended_sessions'))[0]!.counts).toEqual({ rows: 1 })
  })
})

describe("a tenant's own times", () => {
  const settingsOf = async (tenant: TenantId) => (await world.store.findTenant(tenant))!.settings

  test('below the floor take a reason, which is sealed; the change is an event', async () => {
    const short = { kind: 'disclosure_events', days: 30 } as const
    for (const overrideReason of [undefined, '', ' ']) {
      await expect(setRetention(world.vault, DEFAULT, { ...short, overrideReason })).rejects.toMatchObject({
        code: 'invalid_request',
      })
    }
    expect(await settingsOf(DEFAULT)).toEqual({})
    const overrideReason = 'The court of Mr 王 says so'
    await setRetention(world.vault, DEFAULT, { ...short, overrideReason })
    const settings = await settingsOf(DEFAULT)
    const event = (await world.events()).at(-1)!
    expect(event).toMatchObject({ type: 'tenant.settings_changed', code: short.kind, counts: { days: 30 } })
    expect(settings).toEqual({ retention: [{ ...short, override: { reason: event.id } }] })
    expect(JSON.stringify([settings, await world.events()])).not.toContain('court')
    const inForce = await retentionOf(world.vault, DEFAULT)
    expect(inForce[0]).toMatchObject({ own: true, keptMs: 30 * DAY_MS, overrideReason })
    await setRetention(world.vault, DEFAULT, { kind: short.kind, days: undefined })
    expect(await settingsOf(DEFAULT)).toEqual({ retention: [] })
  })

  test('are for that tenant alone', async () => {
    const other = 'other' as TenantId
    const platform = await world.addTenant(other)
    await setRetention(world.vault, other, { kind: 'other_events', days: 30, overrideReason: 'tests' })
    for (const who of [platform, world.platform]) await world.call(who, '/v1/parties/mer_none')
    const refused = async (who: string) =>
      (await world.events(who)).filter(({ type }) => type === 'call.refused')
    expect([await refused(platform), await refused(world.platform)].map(({ length }) => length)).toEqual([
      1, 1,
    ])
    world.pass(31 * DAY_MS + 1)
    await world.round()
    expect([await refused(platform), await refused(world.platform)].map(({ length }) => length)).toEqual([
      0, 1,
    ])
    expect((await world.events(platform)).at(-1)).toMatchObject({
      type: 'retention.cleaned',
      code: 'other_events',
    })
  })
})

describe('a kill', () => {
  const { keepMs, waitMs } = ruleOf('expired_tokens')

  /** What was said to be removed, and what was. */
  async function account() {
    const said = (await world.cleanings('expired_tokens')).reduce(
      (sum, { counts }) => sum + counts!['rows']!,
      0,
    )
    const { keys } = await world.store.listDue(
      DEFAULT,
      { kind: 'expired_tokens', before: world.now() },
      5_000,
    )
    return { said, left: keys.length }
  }

  beforeEach(async () => {
    await world.bringIn(300)
    world.pass(90 * DAY_MS + keepMs + waitMs + 1)
  })
  const ALL = 604

  test('between read and commit changes nothing, and the next round does all of it', async () => {
    const dies = over({ commit: () => Promise.reject(new Error('killed')) })
    await expect(cleanUp(dies)).rejects.toThrow('killed')
    expect(await account()).toEqual({ said: 0, left: ALL })
    await cleanUp(world.vault)
    expect(await account()).toEqual({ said: ALL, left: 0 })
  })

  test('right after a commit that nobody was told of doubles nothing', async () => {
    const unheard = over({
      async commit(...args) {
        await world.store.commit(...args)
        throw new Error('killed')
      },
    })
    await expect(cleanUp(unheard)).rejects.toThrow('killed')
    expect(await account()).toEqual({ said: 500, left: ALL - 500 })
    await cleanUp(world.vault)
    expect(await account()).toEqual({ said: ALL, left: 0 })
  })

  test('two rounds at once remove each row once', async () => {
    await Promise.all([cleanUp(world.vault), cleanUp(world.vault), cleanUp(world.vault)])
    await cleanUp(world.vault)
    expect(await account()).toEqual({ said: ALL, left: 0 })
  })

  test('negative control: rows and event in two commits do not add up', async () => {
    let killed = false
    const split = over({
      async commit(tenant, changes) {
        for (const change of changes) {
          if (killed) throw new Error('killed')
          await world.store.commit(tenant, [change])
          killed = true
        }
      },
    })
    await expect(cleanUp(split)).rejects.toThrow('killed')
    const { said, left } = await account()
    expect(said + left).toBeLessThan(ALL)
  })

  test('a tenant whose rows cannot be removed stops no other', async () => {
    const other = await world.addTenant('other')
    const refuse = over({
      commit(tenant, changes) {
        if (tenant === DEFAULT) return Promise.reject(new Error('this one'))
        return world.store.commit(tenant, changes)
      },
    })
    const body = { kind: 'merchant', name: 'N' }
    await world.call(other, '/v1/parties', { body, headers: { 'idempotency-key': 'k' } })
    world.pass(2 * DAY_MS)
    await expect(cleanUp(refuse)).rejects.toThrow('this one')
    expect((await world.events(other)).at(-1)).toMatchObject({
      type: 'retention.cleaned',
      code: 'idempotency',
    })
  })
})
