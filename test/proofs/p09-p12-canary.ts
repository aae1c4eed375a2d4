import { randomBytes, randomInt } from 'node:crypto'
import type { ByteSearch } from './byte-search.ts'

/** Made-up people whose every value is found nowhere else in the world: what is found of one was leaked. */

export type CanaryPerson = {
  name: string
  phone: string
  email: string
  address: Record<(typeof ADDRESS_PARTS)[number], string> & { country: string }
}

export type Canary = {
  no: number
  /** The caller's own name for the person: blanked on erasure, so it is looked for too. */
  ref: string
  locale: string
  person: CanaryPerson
  /** What people write about the person. */
  reason: string
  /** Every text about the person that was ever sent, by what it is. */
  readonly sent: Map<string, string>
}

const ADDRESS_PARTS = ['province', 'city', 'district', 'town', 'line1', 'line2', 'postcode'] as const

type Script = { locale: string; country: string; word(): string; phone(serial: string): string }

const pick = (text: string): string => Array.from(text)[randomInt(Array.from(text).length)]!
const repeat = (count: number, one: () => string): string => Array.from({ length: count }, one).join('')

/** 20,000 ideographs: four of them are one of 10^17 words. */
const ideograph = (): string => String.fromCodePoint(0x4e00 + randomInt(20_000))
const syllable = (): string => pick('bdfgklmnprstvzščžłß') + pick('aeiouåäöéíőœ')
const arabic = (): string => pick('بتثجحخدذرزسشصضطظعغفقكلمنهوي')

/** Where and how they live: scripts, and countries whose mobile numbers run through eight free digits. */
const SCRIPTS: readonly Script[] = [
  {
    locale: 'zh-Hans',
    country: 'CN',
    word: () => repeat(4, ideograph),
    phone: (serial) => `+86139${serial}`,
  },
  { locale: 'de', country: 'DE', word: () => repeat(6, syllable), phone: (serial) => `+49151${serial}` },
  { locale: 'ar', country: 'EG', word: () => repeat(9, arabic), phone: (serial) => `+2010${serial}` },
]

const code = (length: number): string => repeat(length, () => pick('23456789bcdfghjkmnpqrstvwxyz'))

/** Serials are drawn, not counted, and never twice: a counter's digits stand in every memory. */
const drawn = new Set<number>()
function serial(): string {
  for (;;) {
    const number = randomInt(10_000_000, 100_000_000)
    if (drawn.has(number)) continue
    drawn.add(number)
    return String(number)
  }
}

export function makePerson(no: number): CanaryPerson {
  const { country, word, phone } = SCRIPTS[no % SCRIPTS.length]!
  const parts = ADDRESS_PARTS.map((part) => [part, part === 'postcode' ? code(10) : word()] as const)
  const address = Object.fromEntries(parts) as CanaryPerson['address']
  return {
    name: no % 2 === 0 ? word() : `${word()} ${word()}`,
    phone: phone(serial()),
    email: `${code(14)}@${code(12)}.example`,
    address: { ...address, country },
  }
}

export function makeCanary(no: number): Canary {
  const { locale } = SCRIPTS[no % SCRIPTS.length]!
  const person = makePerson(no)
  const reason = `${person.name} (${person.phone}) says ${randomBytes(9).toString('hex')}`
  const canary: Canary = { no, ref: `u-${code(14)}`, locale, person, reason, sent: new Map() }
  noteSent(canary, 'reason', reason)
  notePerson(canary, person)
  return canary
}

export function noteSent(canary: Canary, what: string, text: string): void {
  canary.sent.set(`${what} ${canary.sent.size}`, text)
}

export function notePerson(canary: Canary, { name, phone, email, address }: CanaryPerson): void {
  const { country: _country, ...parts } = address
  noteSent(canary, 'name', name)
  noteSent(canary, 'email', email)
  for (const spelling of phoneSpellings(phone)) noteSent(canary, 'phone', spelling)
  for (const [part, text] of Object.entries(parts)) noteSent(canary, `address ${part}`, text)
}

/** The digits without the country stand in E.164 and in most others; the last two are how people write them. */
export function phoneSpellings(phone: string): string[] {
  const national = phone.replace(/^\+(?:86|49|20)/, '')
  const groups = [national.slice(0, 3), national.slice(3, 7), national.slice(7)]
  return [national, groups.join(' '), groups.join('-')]
}

/** @param among as `ByteSearch.addText`. */
export function lookForAll(search: ByteSearch, canaries: readonly Canary[], among?: RegExp): void {
  for (const { no, sent } of canaries) {
    for (const [what, text] of sent) search.addText(`person ${no}: ${what}`, text, among)
  }
}

/** What a caller sends of one person. */
export function itemOf({ no, ref, locale, person }: Canary) {
  return { key: `row-${no}`, external_ref: ref, locale, jurisdiction: person.address.country, person }
}
