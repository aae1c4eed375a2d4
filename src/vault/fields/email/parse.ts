import { utf8 } from '../../../core/bytes.ts'
import type { Parsed } from '../field-type.ts'
import { accept, refuse } from '../parsed.ts'
import { cleanText } from '../text.ts'

/** RFC 5321 4.5.3.1, with erratum 1690 of RFC 3696: octets of the whole address, of the local part. */
const MAX_OCTETS = 254
const MAX_LOCAL_OCTETS = 64
const MAX_DOMAIN_OCTETS = 253
/** RFC 5322 `dot-atom`, with the letters of RFC 6531. Quoted local parts are legal, and nobody has one. */
const LOCAL = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u
const DOMAIN =
  /^(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?\.)+[\p{L}\p{N}][\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}]$/u
const A_LABELS = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*$/

export function splitEmail(email: string): { local: string; domain: string } {
  const at = email.lastIndexOf('@')
  return { local: email.slice(0, at), domain: email.slice(at + 1) }
}

/** The domain as mail servers know it (UTS #46 A-labels), or undefined if it cannot be one. */
export function asciiDomain(domain: string): string | undefined {
  if (!URL.canParse(`http://${domain}`)) return undefined
  const { hostname } = new URL(`http://${domain}`)
  return hostname.length <= MAX_DOMAIN_OCTETS && A_LABELS.test(hostname) ? hostname : undefined
}

/**
 * The local part keeps its case, the domain is lower case and stays in its own script.
 * Codes: `email_invalid`, `email_empty`, `email_too_long`.
 */
export function parseEmail(input: unknown): Parsed<string> {
  if (typeof input !== 'string') return refuse('email_invalid')
  const clean = cleanText(input, { maxGraphemes: MAX_OCTETS })
  if (clean.fault !== undefined) return refuse(`email_${clean.fault}`)
  const { local, domain: written } = splitEmail(clean.text)
  const domain = written.normalize('NFKC').toLowerCase()
  if (!LOCAL.test(local) || !DOMAIN.test(domain)) return refuse('email_invalid')
  const ascii = asciiDomain(domain)
  if (ascii === undefined) return refuse('email_invalid')
  const localOctets = utf8(local).length
  if (localOctets > MAX_LOCAL_OCTETS || localOctets + 1 + ascii.length > MAX_OCTETS)
    return refuse('email_too_long')
  return accept(`${local}@${ascii.includes('xn--') ? domain : ascii}`)
}
