import { secret } from '../../../core/secret.ts'
import type { Secret } from '../../../core/secret.ts'
import { FIELDS } from '../../../vault/fields/registry.ts'
import type { Variable } from '../../channels/settings.ts'
import { invalid } from '../../settings.ts'

export type SmtpTls = 'implicit' | 'required' | 'opportunistic' | 'none'

export type SmtpSettings = {
  host: string
  port: number
  tls: SmtpTls
  /** Undefined where the server asks for none. */
  login: { user: string; password: Secret<string> } | undefined
  from: { name: string; address: string }
  connections: number
}

const SCHEMES = ['smtp:', 'smtps:']
const SUBMISSION = 587
const SUBMISSIONS = 465
const MAX_CONNECTIONS = 50
const DEFAULT_CONNECTIONS = 5

/** @throws VaultError `config_invalid` naming the variable, never its value: there is a password in it. */
export function readSmtp(variable: Variable): SmtpSettings | undefined {
  const text = variable('CLOAKROOM_SMTP_URL')
  if (text === undefined) return undefined
  const url = URL.parse(text)
  if (!url || !SCHEMES.includes(url.protocol) || url.hostname === '' || !['', '/'].includes(url.pathname)) {
    throw invalid('CLOAKROOM_SMTP_URL', 'an smtps:// or smtp:// URL')
  }
  const { username, password, hostname, port } = url
  const isImplicit = url.protocol === 'smtps:'
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isImplicit ? SUBMISSIONS : SUBMISSION) : Number(port),
    tls: isImplicit ? 'implicit' : readTls(url.searchParams.get('tls')),
    login:
      username === ''
        ? undefined
        : { user: decodeURIComponent(username), password: secret(decodeURIComponent(password)) },
    from: readFrom(variable('CLOAKROOM_MAIL_FROM')),
    connections: readConnections(url.searchParams.get('connections')),
  }
}

function readTls(text: string | null): SmtpTls {
  if (text === null || text === 'required') return 'required'
  if (text === 'opportunistic' || text === 'none') return text
  throw invalid('CLOAKROOM_SMTP_URL', 'with `tls` one of required, opportunistic, none')
}

function readConnections(text: string | null): number {
  const count = text === null ? DEFAULT_CONNECTIONS : Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= MAX_CONNECTIONS) return count
  throw invalid('CLOAKROOM_SMTP_URL', `with \`connections\` from 1 to ${MAX_CONNECTIONS}`)
}

/** `privacy@example.com` or `Privacy office <privacy@example.com>`. */
function readFrom(text: string | undefined): SmtpSettings['from'] {
  const named = /^([^<>\p{Cc}]*)<([^<>\s]+)>$/u.exec(text ?? '')
  const address = FIELDS.email.parse(named?.[2] ?? text, {})
  if (address.ok) return { name: (named?.[1] ?? '').trim(), address: address.value }
  throw invalid('CLOAKROOM_MAIL_FROM', 'the address that notices come from')
}
