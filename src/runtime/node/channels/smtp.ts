import { createTransport } from 'nodemailer'
import type { Channel, Outcome, Parcel } from '../../../vault/incidents/notices/channel.ts'
import { asciiDomain, splitEmail } from '../../../vault/fields/email/parse.ts'
import type { SmtpSettings } from './smtp-settings.ts'

const CONNECT_TIMEOUT_MS = 20_000
/** Of silence; the whole of an attempt ends after `ATTEMPT_TIMEOUT_MS`, however slowly a server drips. */
const SILENCE_TIMEOUT_MS = 60_000
const ATTEMPT_TIMEOUT_MS = 100_000
/** A message is handed to another connection only as long as not a byte of it was sent. */
const MAX_REQUEUES = 2

/** E-mail over SMTP, through connections that are kept. `to` was parsed when it came in; what is not an address is refused again here. */
export function smtpChannel(settings: SmtpSettings, attemptMs = ATTEMPT_TIMEOUT_MS): Channel {
  const transport = createTransport(optionsOf(settings))
  const domain = domainOf(settings)
  return {
    width: settings.connections,
    async send(parcel): Promise<Outcome> {
      const address = parcel.to?.exposeSecret() ?? ''
      if (!isAddress(address)) return { result: 'failed', code: 'address_invalid' }
      const ending = new AbortController()
      const timer = setTimeout(() => ending.abort(), attemptMs)
      try {
        await transport.sendMail({ ...mailOf(parcel, settings, domain, address), signal: ending.signal })
        return { result: 'sent' }
      } catch (error) {
        return outcomeOf(error)
      } finally {
        clearTimeout(timer)
      }
    },
    close() {
      transport.close()
      return Promise.resolve()
    },
  }
}

/** One address and nothing else: no second one, no line of its own, nothing to be read as a name or a comment. */
function isAddress(text: string): boolean {
  return /^[^\s\p{Cc}<>(),;:"[\]\\@]+@[^\s\p{Cc}<>(),;:"[\]\\@]+$/u.test(text)
}

/** As mail servers know it: it stands in EHLO and in Message-IDs. */
function domainOf({ from }: SmtpSettings): string {
  return asciiDomain(splitEmail(from.address).domain) ?? 'localhost'
}

function optionsOf(settings: SmtpSettings) {
  const { host, port, tls, login, connections } = settings
  return {
    pool: true as const,
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'required',
    ignoreTLS: tls === 'none',
    ...(login && { auth: { user: login.user, pass: login.password.exposeSecret() } }),
    name: domainOf(settings),
    maxConnections: connections,
    maxRequeues: MAX_REQUEUES,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    // Its log lines have addresses in them.
    logger: false as const,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

function mailOf({ id, message, at }: Parcel, { from }: SmtpSettings, domain: string, to: string) {
  const { subject, text, html, language } = message
  return {
    from,
    to: { name: '', address: to },
    subject,
    text,
    ...(html !== undefined && { html }),
    messageId: `<${id}@${domain}>`,
    date: new Date(at),
    headers: {
      'Content-Language': language,
      // RFC 3834: nobody's holiday answers it.
      'Auto-Submitted': 'auto-generated',
    },
  }
}

type Told = { code: string; status: number | undefined; response: string; command: string }

function toldBy(error: unknown): Told {
  const { code, responseCode, response, command } = (error ?? {}) as Record<string, unknown>
  return {
    code: typeof code === 'string' ? code : '',
    status: typeof responseCode === 'number' ? responseCode : undefined,
    response: typeof response === 'string' ? response : '',
    command: typeof command === 'string' ? command : '',
  }
}

/** RFC 3463: the mailbox or its system is not there, or takes nothing any more. */
const MAILBOX = /^5\.[12]\./

/** What it was a reply to says whom it is about: one recipient, this message, or everybody. */
function outcomeOf(error: unknown): Outcome {
  const told = toldBy(error)
  const { code, status, command } = told
  if (code === 'EABORT' || code === 'ETIMEDOUT') return { result: 'down', code: 'timeout' }
  if (code === 'EMESSAGE' && status === undefined) return { result: 'failed', code: 'message_too_large' }
  if (code === 'EENVELOPE' && status === undefined) return { result: 'failed', code: 'address_invalid' }
  if (status === undefined) return { result: 'down', code: code === '' ? 'unreachable' : code.toLowerCase() }
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(told.response)?.[1]
  const reply = enhanced === undefined ? String(status) : `${status} ${enhanced}`
  const isAboutMail = code === 'EENVELOPE' || code === 'EMESSAGE'
  if (!isAboutMail || status === 421 || (status >= 500 && command === 'MAIL FROM')) {
    return { result: 'down', code: reply }
  }
  if (status < 500) return { result: 'later', code: reply }
  const isMailbox = command === 'RCPT TO' && (enhanced === undefined || MAILBOX.test(enhanced))
  return { result: isMailbox ? 'bounced' : 'failed', code: reply }
}
