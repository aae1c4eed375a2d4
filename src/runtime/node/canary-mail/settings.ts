import { readFileSync } from 'node:fs'
import { VaultError } from '../../../core/errors.ts'
import { secret } from '../../../core/secret.ts'
import type { Secret } from '../../../core/secret.ts'
import type { Variable } from '../../channels/settings.ts'
import { invalid } from '../../settings.ts'

/** Where canaries' mail is listened for. */
export type CanaryMailSettings = {
  port: number
  host: string
  /** PEM; undefined: no STARTTLS. */
  tls: { cert: string; key: Secret<string> } | undefined
}

/** @throws VaultError `config_invalid` naming the variable. */
export function readCanaryMail(variable: Variable): CanaryMailSettings | undefined {
  const text = variable('CLOAKROOM_CANARY_SMTP_PORT')
  if (text === undefined) return undefined
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw invalid('CLOAKROOM_CANARY_SMTP_PORT', 'a number from 0 to 65535')
  }
  return { port, host: variable('CLOAKROOM_CANARY_SMTP_HOST') ?? '127.0.0.1', tls: readTls(variable) }
}

function readTls(variable: Variable): CanaryMailSettings['tls'] {
  const [cert, key] = [variable('CLOAKROOM_CANARY_SMTP_CERT'), variable('CLOAKROOM_CANARY_SMTP_KEY')]
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined) throw invalid('CLOAKROOM_CANARY_SMTP_CERT', 'set where the key is')
  if (key === undefined) throw invalid('CLOAKROOM_CANARY_SMTP_KEY', 'set where the certificate is')
  return {
    cert: contentOf('CLOAKROOM_CANARY_SMTP_CERT', cert),
    key: secret(contentOf('CLOAKROOM_CANARY_SMTP_KEY', key)),
  }
}

function contentOf(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new VaultError('config_invalid', `${name}: ${path} cannot be read.`, { cause })
  }
}
