import { describe, expect, test } from 'vitest'
import { DAY_MS, SECOND_MS } from '../../src/core/time.ts'
import { addParty, call, makeTenant, ok } from './service.ts'
import { TEST_BINDINGS } from './test-bindings.ts'

const ADMIN = TEST_BINDINGS.CLOAKROOM_ADMIN_SECRET
const DAY_S = DAY_MS / SECOND_MS

type Rule = { kind: string; kept_s: number; own: boolean; floor_s: number; override_reason?: string }

async function ruleOf(tenant: string, kind: string): Promise<Rule> {
  const { body } = await ok(ADMIN, `/admin/tenants/${tenant}/retention`)
  const found = (body.retention as Rule[]).find((rule) => rule.kind === kind)
  if (!found) throw new Error(`no rule for ${kind}`)
  return found
}

function put(path: string, body: unknown) {
  return call(ADMIN, `/admin/tenants/${path}`, { method: 'PUT', body })
}

describe('the quota of a tenant', () => {
  test('holds from the next call on, and goes back to the default', async () => {
    const platform = await makeTenant('quota')
    const courier = await addParty(platform, 'courier')
    const look = async () => {
      const items = [{ key: 'a', waybill: `wb_${'0'.repeat(26)}` }]
      const body = { purpose: 'delivery', operator: { id: 'emp-1' }, items }
      return Number((await ok(courier.credential, '/v1/reveal', body)).body.quota.limit)
    }
    const before = await look()
    const set = await put('quota/quota', { per_day: 7 })
    expect([set.status, set.body]).toEqual([200, { tenant: 'quota', per_day: 7 }])
    expect(await look()).toBe(7)
    expect((await put('quota/quota', { per_day: null })).body.per_day).toBe(null)
    expect(await look()).toBe(before)
  })
})

describe('how long a tenant keeps what', () => {
  test('is shown, set and unset, and the log says that it was', async () => {
    const platform = await makeTenant('retention')
    const before = await ruleOf('retention', 'other_events')
    expect(before.own).toBe(false)
    const days = before.floor_s / DAY_S + 4_000
    const set = await put('retention/retention/other_events', { days })
    expect(set.status).toBe(200)
    expect(await ruleOf('retention', 'other_events')).toEqual({ ...before, own: true, kept_s: days * DAY_S })
    const { items } = (await ok(platform, '/v1/events')).body
    expect((items as { type: string }[]).map(({ type }) => type)).toContain('tenant.settings_changed')
    await put('retention/retention/other_events', { days: null })
    expect(await ruleOf('retention', 'other_events')).toEqual(before)
  })

  test('is not less than the law asks for without a reason', async () => {
    await makeTenant('floor')
    const before = await ruleOf('floor', 'disclosure_events')
    expect(before.floor_s).toBeGreaterThan(DAY_S)
    const refused = await put('floor/retention/disclosure_events', { days: 1 })
    expect([refused.status, refused.body.code]).toEqual([400, 'invalid_request'])
    expect(await ruleOf('floor', 'disclosure_events')).toEqual(before)
    await put('floor/retention/disclosure_events', { days: 1, override_reason: 'a court said so' })
    expect(await ruleOf('floor', 'disclosure_events')).toMatchObject({
      kept_s: DAY_S,
      override_reason: 'a court said so',
    })
  })
})

describe('what cannot be taken', () => {
  test.each([
    ['quota', { per_day: -1 }, 400, 'invalid_request'],
    ['quota', { per_day: 1.5 }, 400, 'invalid_request'],
    ['quota', { per_day: '7' }, 400, 'invalid_request'],
    ['quota', {}, 400, 'invalid_request'],
    ['quota', [], 400, 'invalid_request'],
    ['quota', { per_day: 7, perday: 8 }, 400, 'invalid_request'],
    ['quota/more', { per_day: 7 }, 404, 'not_found'],
    ['retention/other_events', { days: '30' }, 400, 'invalid_request'],
    ['retention/other_events', { days: 0 }, 400, 'invalid_request'],
    ['retention/nothing', { days: 30 }, 404, 'not_found'],
    ['credentials', {}, 405, 'method_not_allowed'],
    ['retention', {}, 405, 'method_not_allowed'],
  ])('%s with %o is refused and changes nothing', async (path, body, status, code) => {
    await makeTenant('strict').catch(() => undefined)
    const before = (await ok(ADMIN, '/admin/tenants/strict/retention')).body
    const answer = await put(`strict/${path}`, body)
    expect([answer.status, answer.body.code]).toEqual([status, code])
    expect((await ok(ADMIN, '/admin/tenants/strict/retention')).body).toEqual(before)
  })

  test('a tenant that nobody made has no settings, and no tenant changes its own', async () => {
    const platform = await makeTenant('own-settings')
    expect((await put('nobody/quota', { per_day: 7 })).status).toBe(404)
    expect((await call(ADMIN, '/admin/tenants/nobody/retention')).status).toBe(404)
    for (const secret of [platform, undefined]) {
      const answer = await call(secret, '/admin/tenants/own-settings/quota', {
        method: 'PUT',
        body: { per_day: 1 },
      })
      expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated'])
    }
    const broken = await call(ADMIN, '/admin/tenants/own-settings/quota', { method: 'PUT' })
    expect(broken.body.code).toMatch(/^invalid_/)
  })
})
