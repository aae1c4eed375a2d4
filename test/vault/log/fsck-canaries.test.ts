import { expect, onTestFinished, test } from 'vitest'
import { parseTenantId } from '../../../src/core/id.ts'
import { integrateLogs } from '../../../src/vault/log/integrate.ts'
import { openHarness } from '../../http/harness.ts'
import { openWorld } from '../../http/world.ts'
import { check, insideStore, verifierOfLog } from './inspected.ts'

test('a canary’s parcel and permission are told of by the log, though no event of it names the shop', async () => {
  const engine = insideStore()
  const world = await openWorld(openHarness(engine))
  onTestFinished(() => world.close())
  const planted = await world.ok(world.platform, '/v1/canaries', {
    party: world.shop.id,
    made_up: { locale: 'en', count: 2 },
    parcels: { courier: world.courier.id, order_ref: 'SO-{digits}' },
  })
  const [kept, retired] = planted.body.items
  await world.ok(world.platform, `/v1/shipments/${kept.parcel.id}/stage`, { stage: 'picked_up' })
  await world.ok(world.platform, `/v1/canaries/${retired.subject}`, undefined, 'DELETE')
  await integrateLogs(world.vault)
  const { client, reader } = engine.inside()
  const verifiers = [await verifierOfLog(world.vault, parseTenantId('default')!)]
  const codes = async () => (await check({ reader: reader(), verifiers })).findings.map(({ code }) => code)
  expect(await codes()).toEqual([])
  client.prepare(`update shipments set order_id = 'ord_00000000000000000000000000'`).run()
  expect(await codes()).toContain('shipment_differs')
})
