import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { VaultError } from '../../core/errors.ts'
import { secret } from '../../core/secret.ts'
import type { Secret } from '../../core/secret.ts'
import type { WitnessSet } from '../../vault/log/witnesses.ts'
import { readChannels } from './channels/open-channels.ts'
import type { ChannelSettings } from './channels/open-channels.ts'
import { invalid, readEnvironment, readLogName, readPublicUrl } from '../settings.ts'
import type { Environment } from '../settings.ts'
import { readCanaryMail } from './canary-mail/settings.ts'
import type { CanaryMailSettings } from './canary-mail/settings.ts'
import { hostUrls } from './postgres-hosts.ts'
import { readWitnesses } from './witness-config.ts'

/** How one process is set up; docs/configuration.md lists the variables. */
export type Config = {
  port: number
  host: string
  dataFolder: string
  /** A PostgreSQL database; undefined for the one in the data folder. Holds a password. */
  databaseUrl: Secret<string> | undefined
  rootKeyFile: string
  environment: Environment
  /** Undefined for the address that the service listens on. */
  publicUrl: string | undefined
  /** What the origins of the logs begin with; fixed for a log with its first checkpoint. */
  logName: string
  /** Who has to cosign the logs' checkpoints; undefined for nobody. */
  witnesses: WitnessSet | undefined
  /** Whether this process takes logs through the detectors. */
  watch: boolean
  passphraseFile: string | undefined
  /** Becomes the first credential of the tenant `default` when the store is empty. */
  bootstrapKey: Secret<string> | undefined
  /** How notices reach people. */
  channels: ChannelSettings
  /** Where canaries' mail is listened for; undefined for nowhere. */
  canaryMail: CanaryMailSettings | undefined
}

const DEFAULT_PORT = 8787

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw invalid('PORT', 'a number from 0 to 65535')
  return port
}

function readDatabaseUrl(env: NodeJS.ProcessEnv): Secret<string> | undefined {
  const text = env['CLOAKROOM_DATABASE_URL'] ?? ''
  const file = env['CLOAKROOM_DATABASE_URL_FILE'] ?? ''
  if (file === '') return text === '' ? undefined : parseDatabaseUrl(text, 'CLOAKROOM_DATABASE_URL')
  if (text !== '') throw invalid('CLOAKROOM_DATABASE_URL_FILE', 'unset where CLOAKROOM_DATABASE_URL is set')
  return parseDatabaseUrl(firstLine('CLOAKROOM_DATABASE_URL_FILE', file), 'CLOAKROOM_DATABASE_URL_FILE')
}

function parseDatabaseUrl(text: string, name: string): Secret<string> {
  // The sentence must not repeat it: there is a password in it.
  if (!hostUrls(text)) {
    const url = 'a postgres:// URL, of one server or several, that leads to the one that writes'
    throw invalid(name, name.endsWith('_FILE') ? `a file with ${url}` : url)
  }
  return secret(text)
}

function firstLine(name: string, file: string): string {
  try {
    return (readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? '').trim()
  } catch (cause) {
    throw new VaultError('config_invalid', `${name}: ${file} cannot be read.`, { cause })
  }
}

/** A variable, or the first line of the file that the variable with `_FILE` behind its name says. */
function variableIn(env: NodeJS.ProcessEnv): (name: string) => string | undefined {
  return (name) => {
    const file = env[`${name}_FILE`]
    if (!file) return env[name] || undefined
    if (env[name]) throw invalid(`${name}_FILE`, `unset where ${name} is set`)
    return firstLine(`${name}_FILE`, file) || undefined
  }
}

/** On unless it says `off`: a slip of the pen must not turn anything off. */
function readSwitch(name: string, text: string | undefined): boolean {
  if (text === undefined || text === '' || text === 'on') return true
  if (text === 'off') return false
  throw invalid(name, '`on` or `off`')
}

/** @throws VaultError `config_invalid` naming the variable. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const port = readPort(env['PORT'])
  const host = env['HOST'] || '127.0.0.1'
  const bootstrap = env['CLOAKROOM_BOOTSTRAP_KEY']
  const environment = readEnvironment(env['CLOAKROOM_ENV'])
  return {
    port,
    host,
    dataFolder: env['CLOAKROOM_DATA'] || './data',
    databaseUrl: readDatabaseUrl(env),
    rootKeyFile: join(env['CLOAKROOM_KEYS'] || 'keys', 'root.key'),
    environment,
    logName: readLogName(env['CLOAKROOM_LOG_NAME']),
    publicUrl: readPublicUrl(env['CLOAKROOM_PUBLIC_URL']),
    witnesses: readWitnesses(env['CLOAKROOM_WITNESSES']),
    watch: readSwitch('CLOAKROOM_WATCH', env['CLOAKROOM_WATCH']),
    passphraseFile: env['CLOAKROOM_PASSPHRASE_FILE'] || undefined,
    bootstrapKey: bootstrap ? secret(bootstrap) : undefined,
    channels: readChannels(variableIn(env), environment),
    canaryMail: readCanaryMail((name) => env[name] || undefined),
  }
}
