import { Channels } from '../../../vault/incidents/notices/channel.ts'
import type { Channel } from '../../../vault/incidents/notices/channel.ts'
import { gatewayChannel } from '../../channels/gateway.ts'
import { readHttpChannels } from '../../channels/settings.ts'
import type { HttpChannelSettings, Variable } from '../../channels/settings.ts'
import { webhookChannel } from '../../channels/webhook.ts'
import type { Environment } from '../../settings.ts'
import { pinnedPost } from './pinned-post.ts'
import { smtpChannel } from './smtp.ts'
import { readSmtp } from './smtp-settings.ts'
import type { SmtpSettings } from './smtp-settings.ts'

/** How this process reaches people; what is undefined is not set up. */
export type ChannelSettings = HttpChannelSettings & { smtp: SmtpSettings | undefined }

/** @throws VaultError `config_invalid` naming the variable. */
export function readChannels(variable: Variable, environment: Environment): ChannelSettings {
  return { ...readHttpChannels(variable, environment), smtp: readSmtp(variable) }
}

export function openChannels({ smtp, sms, voice, webhook, own }: ChannelSettings): Channels {
  const http = pinnedPost(own)
  return new Channels({
    ...(smtp && { email: smtpChannel(smtp) }),
    ...(sms && { sms: closing(gatewayChannel('sms', sms, http.post), http) }),
    ...(voice && { voice: closing(gatewayChannel('voice', voice, http.post), http) }),
    ...(webhook && { webhook: closing(webhookChannel(webhook, http.post), http) }),
  })
}

/** Connections that are kept would hold the process. */
function closing(channel: Channel, http: { close(): void }): Channel {
  return {
    ...channel,
    close() {
      http.close()
      return channel.close()
    },
  }
}
