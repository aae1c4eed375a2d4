import type { FieldType } from '../field-type.ts'
import { asciiDomain, parseEmail, splitEmail } from './parse.ts'
import { maskEmail } from './show.ts'

export const emailField: FieldType<string> = {
  views: ['none', 'masked', 'relay', 'full'],
  maskedView: 'masked',
  parse: parseEmail,
  show(value, view) {
    if (view === 'masked') return maskEmail(value)
    return view === 'full' ? value : undefined
  },
  /** Hosts may tell cases of a local part apart (RFC 5321 2.4); none that people use does. */
  indexTerm(value) {
    const { local, domain } = splitEmail(value)
    return `${local.toLowerCase()}@${asciiDomain(domain) ?? domain}`
  },
}
