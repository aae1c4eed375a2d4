import { abortAllDurableObjects } from 'cloudflare:test'
import { describe, expect, test, vi } from 'vitest'
import { call, addParty, inStorage, makeTenant, ok, tokenizeBody } from './service.ts'
import { TEST_BINDINGS } from './test-bindings.ts'
import * as rotating from '../../src/vault/keys/rotate.ts'

const ADMIN = TEST_BINDINGS.CLOAKROOM_ADMIN_SECRET

const rotations = (tenant: string, body?: unknown) =>
  call(ADMIN, `/admin/tenants/${tenant}/keys/rotations`, { body })

async function isDone(tenant: string, level: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const { body } = await rotations(tenant)
      const found = (body.rotations as { level: string; state: string }[]).find((one) => one.level === level)
      expect(found?.state).toBe('done')
    },
    { timeout: 60_000, interval: 100 },
  )
}

async function keysOf(platform: string, kind: string) {
  const items = (await ok(platform, '/v1/keys')).body.items as {
    kind: string
    version: number
    state: string
  }[]
  return items.filter((one) => one.kind === kind).map(({ version, state }) => [version, state])
}

/** Which versions of the wrap key persons' keys are under, as they are stored. */
function wrappedUnder(tenant: string): Promise<unknown[]> {
  return inStorage(tenant, ({ sql }) =>
    sql
      .exec('select distinct tenant_key_version as version from data_keys')
      .toArray()
      .map(({ version }) => version),
  )
}

async function withPersons(tenant: string, persons: number) {
  const platform = await makeTenant(tenant)
  const shop = await addParty(platform, 'merchant')
  const body = tokenizeBody(shop.id, 'u') as { party: string; items: object[] }
  const items = Array.from({ length: persons }, (_, i) => ({
    ...body.items[0],
    key: `r${i}`,
    external_ref: `u-${i}`,
  }))
  const answer = await ok(platform, '/v1/tokenize', { ...body, items })
  return { platform, shop, tokens: answer.body.items.map((item: { tokens: unknown }) => item.tokens) }
}

describe('a rotation at the edge', () => {
  test.each(['wrap', 'index', 'note', 'session', 'log', 'data'])(
    'of %s is begun by the operator, carried through by alarms, and ends',
    async (level) => {
      const { platform } = await withPersons(`rotate-${level}`, 3)
      const begun = await rotations(`rotate-${level}`, { level })
      expect([begun.status, begun.body.level, begun.body.state]).toEqual([202, level, 'running'])
      await isDone(`rotate-${level}`, level)
      if (level !== 'data') expect(await keysOf(platform, level)).toContainEqual([2, 'primary'])
      const { items } = (await ok(platform, '/v1/events?limit=100')).body
      const types = (items as { type: string }[]).map(({ type }) => type)
      expect(types).toContain('key.rotation_started')
      expect(types).toContain('key.rotated')
      expect((await ok(platform, '/v1/parties')).body.items).toHaveLength(1)
    },
  )

  test('goes on over the end of its object, step by step', async () => {
    const { platform } = await withPersons('rotate-killed', 100)
    const spy = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const before = await wrappedUnder('rotate-killed')
    await rotations('rotate-killed', { level: 'data' })
    for (let kills = 0; kills < 5; kills++) {
      await new Promise((resolve) => setTimeout(resolve, 100 * kills))
      await abortAllDurableObjects()
    }
    await isDone('rotate-killed', 'data')
    await rotations('rotate-killed', { level: 'wrap' })
    await isDone('rotate-killed', 'wrap')
    expect(await wrappedUnder('rotate-killed')).not.toEqual(before)
    expect(await wrappedUnder('rotate-killed')).toHaveLength(1)
    expect(await keysOf(platform, 'wrap')).toEqual([
      [1, 'retired'],
      [2, 'primary'],
    ])
    spy.mockRestore()
  })

  test('negative control: nothing is rotated while no alarm carries it on, and nothing begun twice', async () => {
    await withPersons('rotate-idle', 3)
    const idle = vi.spyOn(rotating, 'goOnRotating').mockResolvedValue(undefined)
    const begun = await rotations('rotate-idle', { level: 'wrap' })
    await vi.waitFor(() => expect(idle).toHaveBeenCalled(), { timeout: 30_000 })
    const { body } = await rotations('rotate-idle')
    expect(body.rotations).toMatchObject([
      { level: 'wrap', state: 'running', done: 0, total: 3, finished_at: null },
    ])
    expect((await rotations('rotate-idle', { level: 'wrap' })).body).toEqual(begun.body)
    idle.mockRestore()
    await isDone('rotate-idle', 'wrap')
  })

  test('of an incident’s containment is carried through by alarms too, and stands beside the others', async () => {
    const { platform } = await withPersons('rotate-contained', 3)
    const suspects = { key_versions: [{ kind: 'wrap', version: 1 }] }
    const about = { title: 'Seen', kind: 'key_compromise', aware_at: '2026-01-01T00:00:00Z', suspects }
    const { id } = (await ok(platform, '/v1/incidents', about)).body
    await ok(platform, `/v1/incidents/${id}/contain`, { actions: ['rotate_keys'] })
    for (const level of ['session', 'wrap', 'index', 'note', 'data']) await isDone('rotate-contained', level)
  })

  test('takes as many alarms as it has steps for', async () => {
    const { goOnRotating } = rotating
    const stepwise = vi
      .spyOn(rotating, 'goOnRotating')
      .mockImplementation((vault, tenant) => goOnRotating(vault, tenant, 1))
    await withPersons('rotate-stepwise', 60)
    await rotations('rotate-stepwise', { level: 'data' })
    await isDone('rotate-stepwise', 'data')
    // 25 persons a step, and one to see that there are no more.
    const alarms = stepwise.mock.calls.filter(([, tenant]) => tenant === 'rotate-stepwise')
    expect(alarms.length).toBeGreaterThanOrEqual(4)
    stepwise.mockRestore()
  })

  test.each([[{ level: 'root' }], [{ level: 'none' }], [{}], [{ level: 'wrap', tenant: 'x' }]])(
    'is refused for %o',
    async (body) => {
      await makeTenant('rotate-wrong').catch(() => undefined)
      const answer = await rotations('rotate-wrong', body)
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request'])
    },
  )

  test('is nobody’s but the operator’s, and of nobody’s that is no tenant', async () => {
    const platform = await makeTenant('rotate-whose')
    const body = { level: 'wrap' }
    const theirs = await call(platform, '/admin/tenants/rotate-whose/keys/rotations', { body })
    expect([theirs.status, theirs.body.code]).toEqual([401, 'unauthenticated'])
    expect((await rotations('rotate-nobody', body)).status).toBe(404)
    expect((await call(ADMIN, '/admin/tenants/rotate-whose/keys')).status).toBe(404)
    expect((await rotations('rotate-whose')).body.rotations).toEqual([])
  })
})
