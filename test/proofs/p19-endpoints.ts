import { startHttpServer } from '../runtime/channels/http-server.ts'
import { startMailServer } from '../runtime/channels/mail-server.ts'
import type { Manner } from '../runtime/channels/mail-server.ts'

/** What one endpoint took over: how often each message, and how often its yes was lost on the way back. */
export type Taken = { times: Map<string, number>; lostYes: Map<string, number> }

export type Endpoints = {
  smtpPort: number
  webhookPort: number
  email: Taken
  webhook: Taken
  /** Requests that came to where no request may go. */
  inside: () => number
  down: (isDown: boolean) => void
  stop(): Promise<void>
}

function add(counts: Map<string, number>, id: string): void {
  counts.set(id, (counts.get(id) ?? 0) + 1)
}

/** Faults by chance, the same ones in each run of a seed. */
export type Chance = () => number

/**
 * A mail server and a web hook that are away half of the time, and in the other half defer, drop, lose their yes and redirect. An
 * address that begins with `gone` is refused for good.
 */
export async function startEndpoints(chance: Chance): Promise<Endpoints> {
  const taken = (): Taken => ({ times: new Map(), lostYes: new Map() })
  const [email, webhook] = [taken(), taken()]
  const mails = await startMailServer()
  const hooks = await startHttpServer()
  // Where redirects lead: another address of this machine, which is nobody's but the machine's own.
  const inside = await startHttpServer('127.0.0.2')
  let away = false
  const onceMore = (manners: readonly Manner[]) => manners[Math.floor(chance() * manners.length)] ?? 'takes'
  const decided = new Map<string, Manner>()
  mails.manner = (address) => {
    if (address.startsWith('gone')) return 'bounces'
    // Asked twice for one mail, at its recipient and at its text.
    const known = decided.get(address)
    decided.delete(address)
    if (known !== undefined) return known
    const manner = chance() < 0.1 ? onceMore(['defers', 'drops', 'takes and drops', 'full']) : 'takes'
    if (manner !== 'defers' && manner !== 'full') decided.set(address, manner)
    return manner
  }
  mails.onMail = (messageId, manner) => {
    const [id = ''] = messageId.split('@')
    add(email.times, id)
    if (manner === 'takes and drops') add(email.lostYes, id)
  }
  hooks.answer = ({ headers }) => {
    const id = String(headers['webhook-id'])
    if (away) return chance() < 0.5 ? undefined : { status: 503 }
    const dice = chance()
    if (dice < 0.02) return { status: 307, headers: { location: `http://127.0.0.2:${inside.port}/` } }
    if (dice < 0.06) return { status: 500 }
    add(webhook.times, id)
    if (dice >= 0.1) return { status: 200 }
    add(webhook.lostYes, id)
    return undefined
  }
  return {
    smtpPort: mails.port,
    webhookPort: hooks.port,
    email,
    webhook,
    inside: () => inside.requests.length,
    down(isDown) {
      away = isDown
      mails.greeting = isDown ? 421 : undefined
      hooks.requests.length = 0
    },
    async stop() {
      await Promise.all([mails.stop(), hooks.stop(), inside.stop()])
    },
  }
}
