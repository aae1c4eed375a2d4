import { expect, onTestFinished, test } from 'vitest'
import { instant } from '../../src/core/time.ts'
import { integrateLogs } from '../../src/vault/log/integrate.ts'
import { expectProblem } from './expectations.ts'
import { openWorld } from './world.ts'

const DAY_MS = 86_400_000

test('the platform is told what is amiss in its own tenant, and nobody else is', async () => {
  const world = await openWorld()
  onTestFinished(() => world.close())
  await integrateLogs(world.vault)
  const well = await world.ok(world.platform, '/v1/doctor')
  expect(well.body.findings).toEqual([])
  expect(well.body.unseen).toContain('files')
  expect(well.body.unseen).not.toContain('tenants')

  const other = await world.addTenant('other')
  world.pass(400 * DAY_MS)
  const sick = await world.ok(world.platform, '/v1/doctor')
  const codes = sick.body.findings.map(({ code }: { code: string }) => code)
  expect(codes).toContain('key_old')
  expect(codes).toContain('law_unchecked')
  expect(sick.text).not.toContain('other')
  expect((await world.ok(other, '/v1/doctor')).text).not.toContain('default')

  for (const credential of [world.shop.credential, world.courier.credential]) {
    expectProblem(await world.call(credential, '/v1/doctor'), 'forbidden')
  }
})

test('what the runtime sees around the vault is told too, by severity', async () => {
  const world = await openWorld()
  onTestFinished(() => world.close())
  await integrateLogs(world.vault)
  world.vault.lookAround = async () => ({
    now: world.now(),
    witnesses: [],
    backup: { newestAt: instant(world.now() - 3 * DAY_MS) },
    files: [{ kind: 'data_folder', path: '/srv/data', mode: 0o755 }],
  })
  const { body } = await world.ok(world.platform, '/v1/doctor')
  expect(body.findings).toEqual([
    {
      code: 'data_folder_open',
      severity: 'high',
      seen: '/srv/data has mode 0755: it is not for its owner alone.',
      mend: 'chmod 700 /srv/data',
    },
    expect.objectContaining({ code: 'backup_old', severity: 'medium' }),
  ])
  expect(body.unseen).toEqual(['settings', 'root_keys', 'clock', 'versions', 'limits', 'advisories'])
})
