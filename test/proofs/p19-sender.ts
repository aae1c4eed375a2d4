import { setTimeout as sleep } from 'node:timers/promises'
import { secret } from '../../src/core/secret.ts'
import { instant } from '../../src/core/time.ts'
import { localKek } from '../../src/crypto/kek.ts'
import { webhookChannel } from '../../src/runtime/channels/webhook.ts'
import { pinnedPost } from '../../src/runtime/node/channels/pinned-post.ts'
import { smtpChannel } from '../../src/runtime/node/channels/smtp.ts'
import { Keyring } from '../../src/vault/keys/keyring.ts'
import { InFlight } from '../../src/vault/requests/idempotency.ts'
import { WatchMemory } from '../../src/vault/watch/memory.ts'
import { Channels } from '../../src/vault/incidents/notices/channel.ts'
import type { Channel } from '../../src/vault/incidents/notices/channel.ts'
import { nextSending, sendNotices } from '../../src/vault/incidents/notices/round.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import type { Vault } from '../../src/vault/vault.ts'
import { openIn, readKey, TENANT } from './p19-vault.ts'

// The sending half of a service, for P19 to kill: real adapters over a real store, with a clock that runs faster.

export type SenderOrder = {
  folder: string
  rootKey: string
  smtpPort: number
  webhookPort: number
  /** How many times faster than the day. */
  speed: number
  /** `early`: notes before the other side has said yes. `forgetful`: loses every tenth note. */
  broken?: 'early' | 'forgetful'
}

const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`

const order = JSON.parse(process.argv[2] ?? '{}') as SenderOrder
const opened = await openIn(order.folder)
const store = order.broken === 'forgetful' ? forgetful(opened.store) : opened.store
const { lastAt } = await store.logHead(TENANT)
const [base, started] = [lastAt ?? 0, performance.now()]
const clock = { now: () => instant(base + Math.floor((performance.now() - started) * order.speed)) }
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
const keyring = new Keyring({ store, kek: localKek(readKey(order.rootKey)), clock })
const { post } = pinnedPost(['127.0.0.1/32'])
const from = { name: 'Privacy office', address: 'privacy@vault.example' }
const smtp = {
  host: '127.0.0.1',
  port: order.smtpPort,
  tls: 'none',
  login: undefined,
  from,
  connections: 8,
} as const
const webhook = { url: new URL(`http://127.0.0.1:${order.webhookPort}/hook`), secret: secret(WEBHOOK_SECRET) }
const wrap = order.broken === 'early' ? early : (channel: Channel) => channel
const channels = new Channels({
  email: wrap(smtpChannel(smtp, 5_000)),
  webhook: wrap(webhookChannel(webhook, post)),
})
const vault: Vault = {
  store,
  keyring,
  clock,
  random,
  channels,
  inFlight: new InFlight(),
  watch: new WatchMemory(),
  publicUrl: 'https://vault.test',
  logName: 'vault.test/log',
}
process.stdout.write('ready\n')
for (;;) {
  await sendNotices(vault)
  const next = await nextSending(vault)
  if (next === undefined) break
  if (next > clock.now()) await sleep(Math.min((next - clock.now()) / order.speed, 200))
}
process.stdout.write('done\n')
process.exit(0)

function early(channel: Channel): Channel {
  return {
    ...channel,
    send(parcel) {
      void channel.send(parcel)
      return Promise.resolve({ result: 'sent' })
    },
  }
}

function forgetful(whole: VaultStore): VaultStore {
  let turn = 0
  return {
    ...whole,
    async commit(tenant, changes, mark) {
      const isNote = changes.some(
        (change) => change.type === 'delivery.settle' && change.delivery.state !== 'queued',
      )
      if (isNote && turn++ % 10 === 0) return
      return whole.commit(tenant, changes, mark)
    },
  }
}
