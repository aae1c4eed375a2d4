import { HAN_NUMERALS, HAN_STREET_ENDS, HAN_UNITS, HAN_UNITS_ALWAYS, MASK_RULES } from './masks.ts'
import { kindOf } from './words.ts'
import type { WordKind } from './words.ts'

type Word = { text: string; kind: WordKind }

const HIDDEN = MASK_RULES.hidden
const SEGMENTS = /[,،、，;；|(){}[\]（）【】「」"“”«»]+/u
const HAN_STREET = new RegExp(
  `(?:^|[\\s,，、;；(（)）])([\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}ー]{1,24}?(?:${HAN_STREET_ENDS.join('|')}))`,
  'u',
)
const HAN_NUMERAL = new RegExp(`[${HAN_NUMERALS}]`, 'gu')
const HAN_UNIT = new RegExp(`${HAN_UNITS_ALWAYS.join('|')}|[${HAN_NUMERALS}][${HAN_UNITS}]`, 'u')

/**
 * The street name of an address line, with `**` for all the rest, whether there was any or not; `**` alone when no
 * street name is recognised for certain. Only the first line is looked at. No digit or numeral of any script is left.
 */
export function streetOf(line: string): string {
  const first = line.split('\n', 1)[0] ?? ''
  const street = hanStreet(first) ?? first.split(SEGMENTS).map(spacedStreet).find(Boolean)
  return street === undefined || /\p{N}/u.test(street.normalize('NFKC')) ? HIDDEN : street
}

/** 人民路276号万科城4-4-1192 → 人民路**; 文一西路 → 文*西路**. A street name behind a unit is not looked for. */
function hanStreet(line: string): string | undefined {
  const name = HAN_STREET.exec(line)?.[1]
  if (name === undefined || HAN_UNIT.test(name)) return undefined
  const shown = name.replace(HAN_NUMERAL, '*')
  return /[^*]{2}/u.test(shown) ? shown + HIDDEN : undefined
}

function spacedStreet(segment: string): string | undefined {
  const words = segment
    .split(/\s+/u)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{M}\p{N}.]+$/gu, ''))
    .filter((word) => word !== '')
    .map((text) => ({ text, kind: kindOf(text) }))
  for (const [at, word] of words.entries()) {
    const name = streetAt(words, at, word)
    if (name !== undefined) return `${name.map(({ text }) => text).join(' ')} ${HIDDEN}`
  }
  return undefined
}

/** The words of the street name whose street word stands at `at`. */
function streetAt(words: readonly Word[], at: number, word: Word): Word[] | undefined {
  switch (word.kind) {
    case 'suffix':
    case 'prefix':
      return [word]
    case 'lead':
      return following(words, at)
    case 'tail':
      return preceding(words, at)
    case 'either':
      return preceding(words, at) ?? following(words, at)
    default:
      return undefined
  }
}

const stops = ({ kind }: Word): boolean => kind === 'number' || kind === 'unit'
const isName = ({ kind }: Word): boolean => kind !== 'particle'

function following(words: readonly Word[], at: number): Word[] | undefined {
  const rest = words.slice(at + 1)
  const stop = rest.findIndex(stops)
  const name = rest.slice(0, stop < 0 ? undefined : stop).slice(0, MASK_RULES.maxStreetWords)
  while (name.at(-1)?.kind === 'particle') name.pop()
  return name.length > 0 ? words.slice(at, at + 1 + name.length) : undefined
}

/** Behind a number the street begins; behind a unit the unit's own name may go on, so nothing is shown. */
function preceding(words: readonly Word[], at: number): Word[] | undefined {
  const before = words.slice(0, at)
  const stop = before.findLastIndex(stops)
  const name = before.slice(stop + 1).slice(-MASK_RULES.maxStreetWords)
  const behindUnit = stop >= 0 && before[stop]?.kind === 'unit'
  return behindUnit || !name.some(isName) ? undefined : words.slice(at - name.length, at + 1)
}
