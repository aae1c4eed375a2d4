import { expect, onTestFinished, test, vi } from 'vitest'
import { JOBS } from '../../src/vault/jobs.ts'
import { inStorage, makeTenant, ok } from './service.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

const clocks = JOBS.find(({ name }) => name === 'clocks')!

/** An incident whose 72 hours are over in some seconds. */
async function almostLate(tenant: string): Promise<void> {
  const platform = await makeTenant(tenant)
  const aware_at = new Date(Date.now() - 72 * HOUR_MS + 3_000).toISOString()
  const { body } = await ok(platform, '/v1/incidents', { title: 'x', kind: 'insider', aware_at })
  const facts = { persons: { DE: 1 }, occurrence: 'established', harm: 'risk' }
  await ok(platform, `/v1/incidents/${body.id}/assess`, { severity: 'high', facts })
}

/** Looks without a call, which would wake the object. */
function late(tenant: string): Promise<number> {
  return inStorage(tenant, ({ sql }) => {
    const text = `select count(*) as late from events where cast(bytes as text) like '%"incident.clock_late"%'`
    return sql.exec<{ late: number }>(text).one().late
  })
}

test('an object in which nothing else happens wakes when a clock has ended, and notes it', async () => {
  await almostLate('late-clock')
  await vi.waitFor(async () => expect(await late('late-clock')).toBe(1), { timeout: 60_000, interval: 200 })
})

test('negative control: by its other alarms it would sleep on for an hour', async () => {
  const silent = vi.spyOn(clocks, 'nextAt').mockResolvedValue(undefined)
  onTestFinished(() => silent.mockRestore())
  await almostLate('unwoken-clock')
  const alarm = () => inStorage('unwoken-clock', (storage) => storage.getAlarm())
  await vi.waitFor(async () => expect(await alarm()).toBeGreaterThan(Date.now() + 30 * MINUTE_MS), {
    timeout: 60_000,
    interval: 200,
  })
  expect(await late('unwoken-clock')).toBe(0)
})
