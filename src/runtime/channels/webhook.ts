import { Webhook } from 'standardwebhooks'
import type { Secret } from '../../core/secret.ts'
import { toRfc3339 } from '../../core/time.ts'
import type { Channel, Outcome, Parcel } from '../../vault/incidents/notices/channel.ts'
import { faultOutcome, isTaken, laterOutcome } from './post.ts'
import type { Post } from './post.ts'

export type WebhookSettings = { url: URL; secret: Secret<string> }

const WIDTH = 16

/**
 * Standard Webhooks: `webhook-id` is the same at each attempt, so that the receiver can leave out a repetition. Any 2xx is a yes;
 * whatever else is tried again, as an endpoint that is put up wrongly answers 404 to all.
 */
export function webhookChannel({ url, secret }: WebhookSettings, post: Post): Channel {
  const signer = new Webhook(secret.exposeSecret())
  return {
    width: WIDTH,
    async send(parcel): Promise<Outcome> {
      const body = JSON.stringify(payloadOf(parcel))
      const reply = await post({
        url,
        body,
        headers: {
          'content-type': 'application/json',
          'webhook-id': parcel.id,
          'webhook-timestamp': String(Math.floor(parcel.at / 1_000)),
          'webhook-signature': signer.sign(parcel.id, new Date(parcel.at), body),
        },
      })
      if (typeof reply === 'string') return faultOutcome(reply)
      return isTaken(reply) ? { result: 'delivered' } : laterOutcome(reply)
    },
    close: () => Promise.resolve(),
  }
}

/** Nothing that was opened is in it: the platform knows its person by the id. */
function payloadOf({ tenant, incident, notice, signal, subject, message, at }: Parcel) {
  if (signal)
    return { type: 'signal.raised', timestamp: toRfc3339(at), data: { tenant, signal, incident, message } }
  return {
    type: 'notice.due',
    timestamp: toRfc3339(at),
    data: { tenant, incident, notice, subject, message },
  }
}
