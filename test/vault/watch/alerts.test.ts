import { expect, onTestFinished, test } from 'vitest'
import { parseTenantId } from '../../../src/core/id.ts'
import { Channels } from '../../../src/vault/incidents/notices/channel.ts'
import type { Channel, Outcome, Parcel } from '../../../src/vault/incidents/notices/channel.ts'
import { sendAlerts } from '../../../src/vault/watch/alerts.ts'
import { raiseSignal } from '../../../src/vault/watch/raise.ts'
import type { Found } from '../../../src/vault/watch/signal.ts'
import { openHarness } from '../../http/harness.ts'
import { openStore } from '../../http/open-store.ts'
import { openWorld } from '../../http/world.ts'
import type { World } from '../../http/world.ts'

const TENANT = parseTenantId('default')!

/** A channel that answers what it is told to, and keeps what it was given. */
class Box implements Channel {
  readonly width = 1
  readonly parcels: Parcel[] = []
  outcome: Outcome = { result: 'delivered' }

  send(parcel: Parcel): Promise<Outcome> {
    this.parcels.push(parcel)
    return Promise.resolve(this.outcome)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

async function opened(settings: object = {}) {
  const boxes = { webhook: new Box(), email: new Box() }
  const world = await openWorld(openHarness({ openStore, channels: new Channels(boxes) }))
  onTestFinished(() => world.close())
  const whole = {
    actions: { all: { critical: ['alert'], high: ['alert', 'incident'] } },
    hold_s: 60,
    max_held_share: 0.1,
    alert_channels: ['webhook', 'email'],
    alert_email: 'guard@example.com',
    parameters: {},
    ...settings,
  }
  await world.ok(world.platform, '/v1/watch/settings', whole, 'PUT')
  return { world, ...boxes }
}

function found(world: World, more: Partial<Found> = {}): Found {
  return {
    detector: 'canary',
    code: 'canary',
    figures: { verb: 'reveal' },
    severity: 'critical',
    about: null,
    implicated: {},
    evidence: [],
    at: world.now(),
    ...more,
  }
}

async function alertsOf({ ok, platform }: World) {
  return (await ok(platform, '/v1/signals')).body.items[0].alerts
}

test('a signal is told of over each channel once, in the words that are in the list', async () => {
  const { world, webhook, email } = await opened()
  const signal = await raiseSignal(world.vault, TENANT, found(world))
  await sendAlerts(world.vault)
  await sendAlerts(world.vault)
  await sendAlerts(world.vault)
  expect(webhook.parcels).toMatchObject([{ signal: signal?.id, notice: null, to: null }])
  expect(webhook.parcels[0]!.message.text).toContain('A person who does not exist was touched (reveal)')
  expect(email.parcels.map(({ to }) => to?.exposeSecret())).toEqual(['guard@example.com'])
  expect(await alertsOf(world)).toMatchObject([
    { state: 'sent', attempts: 1 },
    { state: 'sent', attempts: 1 },
  ])
})

test('what is not taken is tried again under the same id, later each time, and said to have failed in the end', async () => {
  const { world, webhook } = await opened({ alert_channels: ['webhook'] })
  webhook.outcome = { result: 'down', code: 'http_503' }
  await raiseSignal(world.vault, TENANT, found(world))
  await sendAlerts(world.vault)
  await sendAlerts(world.vault)
  expect(webhook.parcels).toHaveLength(1)
  for (let i = 0; i < 10; i++) {
    world.pass(86_400_000)
    await sendAlerts(world.vault)
  }
  expect(webhook.parcels).toHaveLength(8)
  expect(new Set(webhook.parcels.map(({ id }) => id)).size).toBe(1)
  expect(await alertsOf(world)).toMatchObject([{ state: 'failed', attempts: 8, code: 'http_503' }])
})

test('the same again within a day is counted, and not told of again', async () => {
  const { world, webhook } = await opened({ alert_channels: ['webhook'] })
  for (let i = 0; i < 5; i++) await raiseSignal(world.vault, TENANT, found(world))
  await sendAlerts(world.vault)
  expect(webhook.parcels).toHaveLength(1)
  const { items } = (await world.ok(world.platform, '/v1/signals')).body
  expect(items).toMatchObject([{ count: 5 }])
  // Negative control: a day later it is another one.
  world.pass(86_400_000)
  await raiseSignal(world.vault, TENANT, found(world))
  expect((await world.ok(world.platform, '/v1/signals')).body.items).toHaveLength(2)
})

test('an incident is opened with the suspect filled in and the sentence as its title, where the settings say so', async () => {
  const { world } = await opened()
  const { items } = (await world.ok(world.platform, '/v1/parties')).body
  const about = items.find(({ name }: { name: string }) => name === 'First Shop').id
  await raiseSignal(world.vault, TENANT, found(world, { about, severity: 'high' }))
  const [signal] = (await world.ok(world.platform, '/v1/signals')).body.items
  const incident = (await world.ok(world.platform, `/v1/incidents/${signal.incident}`)).body
  expect(incident).toMatchObject({
    kind: 'canary',
    state: 'open',
    title: signal.sentence,
    suspects: { parties: [about] },
  })
})
