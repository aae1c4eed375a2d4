import type { Chance } from './chance.ts'

const CONSONANTS = Array.from('bcdfghjklmnprstvwz')
const VOWELS = Array.from('aeiou')
const SYLLABLES = 4

/** What may stand in an address or an order's name that the platform gives: `{random}`, a word with digits; `{digits}`, eight. */
export const TEMPLATE = /^(?:[^{}]|\{random\}|\{digits\})+$/

/** As `TEMPLATE`, for what becomes an order's name: it fits whatever is filled in. */
export const ORDER_TEMPLATE = /^(?:[A-Za-z0-9#._:/-]|\{random\}|\{digits\})+$/

/** Like what people choose before the `@`: a word that can be said, and a number. */
function word(chance: Chance): string {
  const said = Array.from({ length: SYLLABLES }, () => chance.of(CONSONANTS) + chance.of(VOWELS))
  return `${said.join('')}${chance.between(10, 999)}`
}

export function filledIn(template: string, chance: Chance): string {
  return template.replaceAll('{random}', () => word(chance)).replaceAll('{digits}', () => chance.digits(8))
}
