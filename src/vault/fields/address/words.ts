import {
  HAN_NUMERALS,
  NUMBER_SYLLABLES,
  NUMBER_WORDS,
  STREET_EITHER,
  STREET_LEADS,
  STREET_PARTICLES,
  STREET_PREFIXES,
  STREET_SUFFIXES,
  STREET_TAILS,
  UNIT_WORDS,
} from './masks.ts'

export type WordKind =
  'lead' | 'tail' | 'either' | 'suffix' | 'prefix' | 'unit' | 'number' | 'particle' | 'name'

/** Case, accents and dots do not tell words apart: `ALLÉE`, `allee`. Vowel and tone signs of a script's own do. */
function fold(word: string): string {
  return word
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{Script=Inherited}|\./gu, '')
}

const folded = (list: readonly string[]): ReadonlySet<string> => new Set(list.map(fold))

const LEADS = folded(STREET_LEADS)
const TAILS = folded(STREET_TAILS)
const EITHER = folded(STREET_EITHER)
const SUFFIXES = [...folded(STREET_SUFFIXES)]
const PREFIXES = [...folded(STREET_PREFIXES)]
const UNITS = folded(UNIT_WORDS)
const UNIT_SYLLABLES = [...folded(UNIT_WORDS.filter((word) => /\p{Script=Thai}/u.test(word)))]
const NUMBERS = folded(NUMBER_WORDS)
const SYLLABLES = [...folded(NUMBER_SYLLABLES)]
const PARTICLES = folded(STREET_PARTICLES)

const ROMAN = /^[IVXLCDM]{2,}(?:e|er|ème|º|ª)?$/
const ANY_NUMERAL = new RegExp(`[\\p{N}${HAN_NUMERALS}]`, 'u')
/** Units that Korean writes behind a number, grown together with it. */
const HANGUL_UNIT = /[호층실]/u

/** A digit or numeral of any script, a number as a word, or what may be a unit's code: `B`, `IV`, `BC`. */
function isNumberLike(word: string, key: string): boolean {
  if (ANY_NUMERAL.test(word)) return true
  if (word.split(/[^\p{L}\p{M}]+/u).some((part) => ROMAN.test(part))) return true
  const letters = word.replace(/[^\p{L}]/gu, '')
  if (letters.length <= 1 || (letters.length === 2 && /^\p{Lu}+$/u.test(letters))) return true
  return (
    key.split(/[^\p{L}\p{M}]+/u).some((part) => NUMBERS.has(part)) ||
    SYLLABLES.some((syllable) => key.includes(syllable))
  )
}

export function kindOf(word: string): WordKind {
  const key = fold(word)
  if (UNITS.has(key)) return 'unit'
  if (LEADS.has(key)) return 'lead'
  if (EITHER.has(key)) return 'either'
  if (TAILS.has(key)) return 'tail'
  if (PARTICLES.has(key)) return 'particle'
  if (isNumberLike(word, key)) return 'number'
  if (UNIT_SYLLABLES.some((syllable) => key.includes(syllable))) return 'unit'
  if (key.split(/[:/#]/).some((part) => UNITS.has(part))) return 'unit'
  if (PREFIXES.some((prefix) => key.startsWith(prefix))) return 'prefix'
  return isSuffixed(word, key) ? 'suffix' : 'name'
}

function isSuffixed(word: string, key: string): boolean {
  if (/\p{Script=Hangul}/u.test(word) && HANGUL_UNIT.test(word)) return false
  return SUFFIXES.some((suffix) => key.endsWith(suffix) && key.length > suffix.length)
}
