import type { Secret } from '../../core/secret.ts'
import { toRfc3339 } from '../../core/time.ts'
import type { Channel, Outcome } from '../../vault/incidents/notices/channel.ts'
import { faultOutcome, isTaken, laterOutcome } from './post.ts'
import type { Post, Reply } from './post.ts'

export type GatewaySettings = { url: URL; token: Secret<string> | undefined }

const WIDTH = 16

/** The number cannot be reached, ever: 404, 422. The call itself was wrong: 400, 413. docs/notices.md has the shape. */
const BOUNCED = new Set([404, 422])
const FAILED = new Set([400, 413])

/** SMS and voice alike: a provider's HTTP interface, or the few lines in front of it that speak this one. */
export function gatewayChannel(kind: 'sms' | 'voice', { url, token }: GatewaySettings, post: Post): Channel {
  return {
    width: WIDTH,
    async send({ id, to, message, at }): Promise<Outcome> {
      const { language, text } = message
      const number = to?.exposeSecret()
      const reply = await post({
        url,
        body: JSON.stringify({ id, channel: kind, to: number, language, text, at: toRfc3339(at) }),
        headers: {
          'content-type': 'application/json',
          'idempotency-key': id,
          ...(token && { authorization: `Bearer ${token.exposeSecret()}` }),
        },
      })
      return typeof reply === 'string' ? faultOutcome(reply) : outcomeOf(reply)
    },
    close: () => Promise.resolve(),
  }
}

function outcomeOf(reply: Reply): Outcome {
  const code = `http_${reply.status}`
  if (BOUNCED.has(reply.status)) return { result: 'bounced', code }
  if (FAILED.has(reply.status)) return { result: 'failed', code }
  if (!isTaken(reply)) return laterOutcome(reply)
  return { result: saysDelivered(reply.body) ? 'delivered' : 'sent' }
}

function saysDelivered(body: string): boolean {
  try {
    return (JSON.parse(body) as { status?: unknown } | null)?.status === 'delivered'
  } catch {
    // A gateway need not say anything.
    return false
  }
}
