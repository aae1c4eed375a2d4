import type { ShowContext } from '../field-type.ts'
import { graphemes, languageOf } from '../text.ts'
import {
  COMPOUND_SURNAMES,
  JAPANESE_SURNAMES,
  MASK_RULES,
  PARTICLES,
  PATRONYMIC,
  TITLES,
  VIETNAMESE_SURNAMES,
} from './masks.ts'
import type { SurnameRule } from './masks.ts'

/** `key` is the word that `masked` takes its first character from; `text` is the whole surname view. */
type Surname = { key: string; text: string }

const HIDDEN = MASK_RULES.hidden
const PARTS = new RegExp(`[${MASK_RULES.partSeparators}]`, 'u')
const BRACKETED = /[(（[【〔{<«].*?(?:[)）\]】〕}>»]|$)/gu
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u
const TITLE_KEYS = new Set(TITLES.map(wordKey))
const PARTICLE_KEYS = new Set(PARTICLES.map(wordKey))
const SCRIPT_RULES: readonly { test: RegExp; surname: SurnameRule }[] = MASK_RULES.rules.map((rule) => ({
  test: rule.scripts.length === 0 ? /^/u : new RegExp(`^(?:${rule.scripts.map(scriptClass).join('|')})`, 'u'),
  surname: rule.surname,
}))

/** By their first character, the longest first. */
function byFirst(surnames: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(
    surnames.toSorted((a, b) => b.length - a.length),
    (surname) => surname.charAt(0),
  )
}

const JAPANESE_BY_FIRST = byFirst(JAPANESE_SURNAMES)
const COMPOUND_BY_FIRST = byFirst(COMPOUND_SURNAMES)

function scriptClass(script: string): string {
  return `\\p{Script=${script}}`
}

function wordKey(word: string): string {
  return word.toLowerCase().replace(/^[\p{P}\p{S}]+|[\p{P}\p{S}]+$/gu, '')
}

/** A word with a digit is no name: shops put phone numbers and order numbers behind it. 〇 stands in names. */
function isNameWord(word: string): boolean {
  return /[\p{L}〇]/u.test(word) && !/[^\P{N}〇]/u.test(word)
}

function trimMarks(word: string): string {
  return word.replace(/^[^\p{L}〇]+|[^\p{L}\p{M}〇.]+$/gu, '')
}

/** One word of unified ideographs: most of the names there are, and nothing in them to take apart. */
const ONE_HAN_WORD = /^[\u4e00-\u9fff]+$/

/** The words that carry the name; titles only when there is nothing else. */
function nameWords(text: string): string[] {
  if (ONE_HAN_WORD.test(text)) return [text]
  const words = text.split(/[\s,，،;；/|]+/u).filter(isNameWord)
  const untitled = words.filter((word) => !TITLE_KEYS.has(wordKey(word)))
  return (untitled.length > 0 ? untitled : words).map(trimMarks)
}

/** Nicknames and transcriptions in brackets are hidden, unless they are all there is. */
function withoutBrackets(name: string): string {
  if (ONE_HAN_WORD.test(name)) return name
  const outside = name.replace(BRACKETED, ' ')
  return nameWords(outside).length > 0 ? outside : name
}

/** One character of family name, or two for the compound ones, if something is left to hide. */
function prefixSurname(words: readonly string[], context: ShowContext): Surname | undefined {
  const [first = '', second] = words
  const parts = first.split(PARTS).filter((part) => part !== '')
  if (parts.length > 1) return { key: parts[0] ?? '', text: `${parts[0]}·${HIDDEN}` }
  const japanese = languageOf(context.locale) === 'ja' || words.some((word) => KANA.test(word))
  if (second !== undefined && (japanese || JAPANESE_SURNAMES.includes(first))) {
    return { key: first, text: `${first} ${HIDDEN}` }
  }
  const known = (japanese ? JAPANESE_BY_FIRST : COMPOUND_BY_FIRST).get(first.charAt(0))
  const listed = known?.find(
    (surname) => first.startsWith(surname) && (first !== surname || second !== undefined),
  )
  const [character = ''] = graphemes(first)
  const surname = listed ?? character
  return surname === first && second === undefined ? undefined : { key: surname, text: surname + HIDDEN }
}

/** One word, with the particles before it. Which word: the comma's left, the family-first peoples' first, else the last. */
function oneWordSurname(name: string, words: readonly string[], context: ShowContext): Surname | undefined {
  const [left = '', ...right] = name.split(/[,，،]/u)
  if (right.length > 0 && nameWords(right.join(' ')).some((word) => !TITLE_KEYS.has(wordKey(word)))) {
    const family = lastWithParticles(nameWords(left))
    return family && { key: family.key, text: `${family.text}, ${HIDDEN}` }
  }
  const first = words[0] ?? ''
  if (words.length > 1 && isFamilyFirst(words, context)) return { key: first, text: `${first} ${HIDDEN}` }
  const family = lastWithParticles(words)
  return family && family.count < words.length
    ? { key: family.key, text: `${HIDDEN} ${family.text}` }
    : undefined
}

function isFamilyFirst(words: readonly string[], context: ShowContext): boolean {
  const [first = ''] = words
  const last = words.at(-1) ?? ''
  const language = languageOf(context.locale)
  if (
    MASK_RULES.familyFirstLanguages.some((known) => known === language) ||
    (words.length > 2 && PATRONYMIC.test(last))
  )
    return true
  return VIETNAMESE_SURNAMES.includes(wordKey(first)) && !VIETNAMESE_SURNAMES.includes(wordKey(last))
}

function lastWithParticles(words: readonly string[]): (Surname & { count: number }) | undefined {
  const key = words.at(-1)
  if (key === undefined) return undefined
  let start = words.length - 1
  while (start > 0 && PARTICLE_KEYS.has(wordKey(words[start - 1] ?? ''))) start--
  return { key, text: words.slice(start).join(' '), count: words.length - start }
}

/** What a name has to hide: punctuation and spaces are no part of it. */
function characterCount(text: string): number {
  if (ONE_HAN_WORD.test(text)) return text.length
  return graphemes(text).filter((grapheme) => /[\p{L}\p{N}\p{S}]/u.test(grapheme)).length
}

function surnameOf(name: string, context: ShowContext): Surname | undefined {
  const outside = withoutBrackets(name)
  const words = nameWords(outside)
  const rule = SCRIPT_RULES.find(({ test }) => test.test(words[0] ?? ''))?.surname
  if (rule === 'prefix') return prefixSurname(words, context)
  if (rule === 'first_word') return words.length > 1 ? prefixSurname(words, context) : undefined
  return oneWordSurname(outside, words, context)
}

/** A rule that would show everything, as for `王.`, shows nothing instead. */
function partialSurname(name: string, context: ShowContext): Surname | undefined {
  const surname = surnameOf(name, context)
  const shown = surname?.text.replace(HIDDEN, '') ?? ''
  return characterCount(shown) < characterCount(name) ? surname : undefined
}

/** The first character of the part that `surname` would show, so that `surname` never shows less than `masked`. */
export function maskName(name: string, context: ShowContext): string {
  const key = partialSurname(name, context)?.key ?? nameWords(withoutBrackets(name))[0] ?? ''
  const [first = ''] = graphemes(key)
  return characterCount(name) > 1 && /^\p{L}/u.test(first) ? first + HIDDEN : HIDDEN
}

/** One part of the name, the others hidden. A name of one part is shown no further than `masked`. */
export function showSurname(name: string, context: ShowContext): string {
  return partialSurname(name, context)?.text ?? maskName(name, context)
}
