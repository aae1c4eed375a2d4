import { Webhook } from 'standardwebhooks'
import { secret } from '../../core/secret.ts'
import type { Secret } from '../../core/secret.ts'
import { invalid } from '../settings.ts'
import type { Environment } from '../settings.ts'
import type { GatewaySettings } from './gateway.ts'
import { areRanges } from './reachable.ts'
import type { OwnRanges } from './reachable.ts'
import type { WebhookSettings } from './webhook.ts'

/** What is sent over HTTP, on Node and at the edge alike. */
export type HttpChannelSettings = {
  webhook: WebhookSettings | undefined
  sms: GatewaySettings | undefined
  voice: GatewaySettings | undefined
  own: OwnRanges
}

/** A variable's value, wherever a runtime keeps it; undefined if it is unset or empty. */
export type Variable = (name: string) => string | undefined

/** @throws VaultError `config_invalid` naming the variable, and never a value: there are secrets among them. */
export function readHttpChannels(variable: Variable, environment: Environment): HttpChannelSettings {
  return {
    webhook: readWebhook(variable, environment),
    sms: readGateway('CLOAKROOM_SMS', variable, environment),
    voice: readGateway('CLOAKROOM_VOICE', variable, environment),
    own: readOwnRanges(variable('CLOAKROOM_OWN_NETWORKS')),
  }
}

function readWebhook(variable: Variable, environment: Environment): WebhookSettings | undefined {
  const url = readUrl('CLOAKROOM_WEBHOOK_URL', variable, environment)
  const text = variable('CLOAKROOM_WEBHOOK_SECRET')
  if (!url) return undefined
  if (text === undefined || !isSigningSecret(text)) {
    throw invalid('CLOAKROOM_WEBHOOK_SECRET', '`whsec_` and the base64 of 24 to 64 bytes')
  }
  return { url, secret: secret(text) }
}

/** Standard Webhooks, "Symmetric": 24 to 64 bytes. */
function isSigningSecret(text: string): boolean {
  const base64 = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/.exec(text)?.[1]
  if (base64 === undefined) return false
  try {
    return new Webhook(text) instanceof Webhook
  } catch {
    // Not base64 after all.
    return false
  }
}

function readGateway(
  name: 'CLOAKROOM_SMS' | 'CLOAKROOM_VOICE',
  variable: Variable,
  environment: Environment,
): GatewaySettings | undefined {
  const url = readUrl(`${name}_URL`, variable, environment)
  const token = variable(`${name}_TOKEN`)
  return url && { url, token: token === undefined ? undefined : bearer(`${name}_TOKEN`, token) }
}

function bearer(name: string, text: string): Secret<string> {
  if (!/^[\x21-\x7e]{1,1000}$/.test(text)) throw invalid(name, 'printable ASCII without spaces')
  return secret(text)
}

function readUrl(name: string, variable: Variable, environment: Environment): URL | undefined {
  const text = variable(name)
  if (text === undefined) return undefined
  const url = URL.parse(text)
  const isPlain = url?.protocol === 'http:' && environment === 'development'
  if (!url || (url.protocol !== 'https:' && !isPlain) || url.username !== '' || url.password !== '') {
    throw invalid(name, 'an https URL without a user (http too in development)')
  }
  return url
}

function readOwnRanges(text: string | undefined): OwnRanges {
  const ranges = (text ?? '').split(',').map((one) => one.trim())
  const own = ranges.filter((one) => one !== '')
  if (!areRanges(own))
    throw invalid('CLOAKROOM_OWN_NETWORKS', 'address ranges like `10.2.0.0/16`, with commas')
  return own
}
