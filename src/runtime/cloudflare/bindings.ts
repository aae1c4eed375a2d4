import { secret } from '../../core/secret.ts'
import type { Secret } from '../../core/secret.ts'
import { readHttpChannels } from '../channels/settings.ts'
import type { HttpChannelSettings } from '../channels/settings.ts'
import { invalid, readEnvironment, readLogName, readPublicUrl } from '../settings.ts'
import type { Environment } from '../settings.ts'

/** What a Worker is told in words; docs/edge.md lists it. All of it may be missing. */
export type Settings = {
  CLOAKROOM_ENV?: string
  CLOAKROOM_PUBLIC_URL?: string
  CLOAKROOM_LOG_NAME?: string
  /** Secret: a root key file's content. */
  CLOAKROOM_ROOT_KEY?: string
  /** Secret: what opens it, if it is sealed. */
  CLOAKROOM_PASSPHRASE?: string
  /** Secret: who has it makes tenants. */
  CLOAKROOM_ADMIN_SECRET?: string
  CLOAKROOM_WEBHOOK_URL?: string
  /** Secret: what webhooks are signed with. */
  CLOAKROOM_WEBHOOK_SECRET?: string
  CLOAKROOM_SMS_URL?: string
  /** Secret: what the gateway is shown. */
  CLOAKROOM_SMS_TOKEN?: string
  CLOAKROOM_VOICE_URL?: string
  /** Secret: what the gateway is shown. */
  CLOAKROOM_VOICE_TOKEN?: string
  CLOAKROOM_OWN_NETWORKS?: string
}

export type Config = {
  environment: Environment
  publicUrl: string
  logName: string
  rootKey: Secret<string> | undefined
  passphrase: Secret<string> | undefined
  channels: HttpChannelSettings
}

/** Where `wrangler dev` listens by itself. */
const LOCAL_URL = 'http://localhost:8787'

function secretOf(text: string | undefined): Secret<string> | undefined {
  return text === undefined || text === '' ? undefined : secret(text)
}

/** @throws VaultError `config_invalid` naming the binding. */
export function readConfig(bindings: Settings): Config {
  const environment = readEnvironment(bindings.CLOAKROOM_ENV)
  const publicUrl = readPublicUrl(bindings.CLOAKROOM_PUBLIC_URL)
  if (publicUrl === undefined && environment === 'production') {
    throw invalid('CLOAKROOM_PUBLIC_URL', 'set: an object cannot know where it is reached')
  }
  return {
    environment,
    publicUrl: publicUrl ?? LOCAL_URL,
    logName: readLogName(bindings.CLOAKROOM_LOG_NAME),
    rootKey: secretOf(bindings.CLOAKROOM_ROOT_KEY),
    passphrase: secretOf(bindings.CLOAKROOM_PASSPHRASE),
    channels: readHttpChannels(
      (name) => (bindings as Readonly<Record<string, string | undefined>>)[name] || undefined,
      environment,
    ),
  }
}
