import { VaultError } from '../core/errors.ts'

// What is set alike wherever the vault runs; docs/configuration.md lists the variables.

export type Environment = 'development' | 'production'

export function invalid(name: string, expected: string): VaultError {
  return new VaultError('config_invalid', `${name} must be ${expected}.`)
}

export function readEnvironment(text: string | undefined): Environment {
  if (text === undefined || text === '' || text === 'development') return 'development'
  if (text === 'production') return 'production'
  throw invalid('CLOAKROOM_ENV', '`development` or `production`')
}

export function readPublicUrl(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw invalid('CLOAKROOM_PUBLIC_URL', 'an http or https URL')
  }
  return text.replace(/\/+$/, '')
}

/** c2sp.org/tlog-checkpoint: an origin should be a URL without its scheme, and holds no space and no plus. */
const LOG_NAME = /^[A-Za-z0-9._~/-]{1,200}$/
const DEFAULT_LOG_NAME = 'cloakroom.localhost/log'

export function readLogName(text: string | undefined): string {
  if (text === undefined || text === '') return DEFAULT_LOG_NAME
  if (!LOG_NAME.test(text))
    throw invalid('CLOAKROOM_LOG_NAME', 'like `vault.example.com/log`: 1 to 200 of A-Z a-z 0-9 . _ ~ / -')
  return text
}
