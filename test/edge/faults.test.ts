import { abortAllDurableObjects, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import { AlarmJobs } from '../../src/runtime/cloudflare/jobs.ts'
import { MAX_BOUND_PARAMS } from '../../src/storage/sqlite/statements.ts'
import { JOBS } from '../../src/vault/jobs.ts'
import { expectProblem } from '../http/expectations.ts'
import { addParty, call, inStorage, makeTenant, ok, tokenizeBody } from './service.ts'

const integrate = JOBS.find(({ name }) => name === 'integrate')!

function isCovered(tenant: string): Promise<boolean> {
  return inStorage(tenant, ({ sql }) => {
    const { behind } = sql
      .exec<{ behind: number }>(
        'select (select count(*) from events) - coalesce((select size from logs), 0) as behind',
      )
      .one()
    return behind === 0
  })
}

async function untilCovered(tenant: string): Promise<void> {
  await vi.waitFor(async () => expect(await isCovered(tenant)).toBe(true), { timeout: 60_000, interval: 50 })
}

describe('an alarm', () => {
  test('whose job fails comes again by itself, and loses nothing', async () => {
    const failing = vi.spyOn(integrate, 'run').mockRejectedValueOnce(new Error('the first time'))
    await makeTenant('failing-job')
    await untilCovered('failing-job')
    expect(failing.mock.calls.length).toBeGreaterThanOrEqual(2)
    failing.mockRestore()
  })

  test('that throws is repeated by the platform, and loses nothing', async () => {
    const failing = vi.spyOn(AlarmJobs.prototype, 'run').mockRejectedValueOnce(new Error('the first time'))
    await makeTenant('failing-alarm')
    await untilCovered('failing-alarm')
    expect(failing.mock.calls.length).toBeGreaterThanOrEqual(2)
    failing.mockRestore()
  })

  test('negative control: while the job does nothing, the log stays behind', async () => {
    const idle = vi.spyOn(integrate, 'run').mockResolvedValue(undefined)
    await makeTenant('idle-job')
    await vi.waitFor(() => expect(idle).toHaveBeenCalled(), { timeout: 30_000 })
    expect(await isCovered('idle-job')).toBe(false)
    idle.mockRestore()
  })
})

describe('an object that is ended in the middle of calls', () => {
  test('has all that was acknowledged, and says of the rest that it does not know', async () => {
    const silenced = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const platform = await makeTenant('ended')
    const shop = await addParty(platform, 'merchant')
    const calls = Array.from({ length: 200 }, (_, i) =>
      // One whose answer broke off in the middle was not acknowledged either.
      call(platform, '/v1/tokenize', { body: tokenizeBody(shop.id, `u-${i}`) }).catch(() => undefined),
    )
    await Promise.race(calls)
    await abortAllDurableObjects()
    const answers = (await Promise.all(calls)).filter((answer) => answer !== undefined)
    const done = answers.filter(({ status }) => status < 300).map(({ body }) => String(body.items[0].subject))
    const cut = answers.filter(({ status }) => status >= 300)
    // Both happened, or this shows nothing.
    expect([done.length > 0, cut.length > 0]).toEqual([true, true])
    for (const answer of cut) expectProblem(answer, 'unavailable')
    const stored = await inStorage('ended', ({ sql }) =>
      sql
        .exec<{ id: string }>('select id from subjects')
        .toArray()
        .map(({ id }) => id),
    )
    expect(done.filter((subject) => !stored.includes(subject))).toEqual([])
    expect((await ok(platform, '/v1/parties')).body.items).toHaveLength(1)
    silenced.mockRestore()
  })
})

describe('limits of the engine', () => {
  test('a statement of more than 100 bound values is refused here as at the platform', async () => {
    const stub = env.VAULT.getByName('limits')
    const bind = (count: number) => {
      const ones = Array.from({ length: count }, () => 1)
      const text = `select ${ones.map(() => '?').join(',')}`
      return runInDurableObject(stub, (_, { storage }) => [...storage.sql.exec(text, ...ones).raw()].flat())
    }
    expect(await bind(MAX_BOUND_PARAMS)).toHaveLength(100)
    await expect(bind(MAX_BOUND_PARAMS + 1)).rejects.toThrow(/variable|bindings/i)
  })
})
