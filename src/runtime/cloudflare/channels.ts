import { Channels } from '../../vault/incidents/notices/channel.ts'
import { gatewayChannel } from '../channels/gateway.ts'
import { MAX_REPLY_BYTES, POST_TIMEOUT_MS } from '../channels/post.ts'
import type { Post } from '../channels/post.ts'
import { isAddress, isReachable } from '../channels/reachable.ts'
import type { OwnRanges } from '../channels/reachable.ts'
import type { HttpChannelSettings } from '../channels/settings.ts'
import { webhookChannel } from '../channels/webhook.ts'

/**
 * POST from a Worker. The platform resolves names itself and reaches no private network from there; what is looked at here is an address
 * in the URL. No redirect is followed.
 */
function fetchPost(own: OwnRanges): Post {
  return async ({ url, headers, body }) => {
    if (isAddress(url.hostname) && !isReachable(url.hostname, own)) return 'address_refused'
    const signal = AbortSignal.timeout(POST_TIMEOUT_MS)
    try {
      const response = await fetch(url, { method: 'POST', redirect: 'manual', headers, body, signal })
      const text = await response.text()
      const retryAfter = response.headers.get('retry-after')
      return { status: response.status, retryAfter, body: text.slice(0, MAX_REPLY_BYTES) }
    } catch {
      return signal.aborted ? 'timeout' : 'unreachable'
    }
  }
}

/** A Worker speaks HTTP alone: e-mail goes out through a gateway of the platform's, over its webhook. */
export function openChannels({ sms, voice, webhook, own }: HttpChannelSettings): Channels {
  const post = fetchPost(own)
  return new Channels({
    ...(sms && { sms: gatewayChannel('sms', sms, post) }),
    ...(voice && { voice: gatewayChannel('voice', voice, post) }),
    ...(webhook && { webhook: webhookChannel(webhook, post) }),
  })
}
