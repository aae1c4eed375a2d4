/** Why a text cannot be taken. Field parsers put their own name before it: `name_too_long`. */
export type TextFault = 'invalid' | 'empty' | 'too_long'

export type TextLimits = { maxGraphemes: number; lineBreaks?: boolean }

export type CleanText = { text: string; fault?: never } | { text?: never; fault: TextFault }

/** Segmentation by the default rules is the same in every locale that field values come in. */
const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** Printable ASCII and unified ideographs: each stands for itself, and segmenting them is a tenth of a reveal's time. */
const EACH_ALONE = /^[\u0020-\u007e\u4e00-\u9fff]*$/

/** What readers see as characters: combining marks, joined emoji and conjuncts stay whole. */
export function graphemes(text: string): string[] {
  if (EACH_ALONE.test(text)) return text.split('')
  return Array.from(segmenter.segment(text), (part) => part.segment)
}

/** A grapheme of a real text has a few code points; only an attack stacks marks by the thousand. */
const MAX_UNITS_PER_GRAPHEME = 16

const LINE_BREAK = /\r\n?|[\v\f\u0085\u2028\u2029]/g
/** Direction marks, joins to nothing, soft hyphens: left over from copying, seen by nobody. ZWJ and ZWNJ spell words. */
const LEFTOVER = /[\u00ad\u061c\u200b\u200e\u200f\u2060\ufeff]/g
/** Controls, and what reorders the text around it (UAX #9 embeddings, overrides, isolates) or is deprecated for that. */
const FORBIDDEN = /[\p{Cc}\u202a-\u202e\u2066-\u206f]/u
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{M}\u2800]/gu

/** Well-formed, NFC, trimmed, of 1 to `maxGraphemes` graphemes, something of it visible. */
export function cleanText(input: string, { maxGraphemes, lineBreaks = false }: TextLimits): CleanText {
  if (input.length > maxGraphemes * MAX_UNITS_PER_GRAPHEME) return { fault: 'too_long' }
  if (!input.isWellFormed()) return { fault: 'invalid' }
  const lines = input.replace(LINE_BREAK, '\n').replace(LEFTOVER, '').normalize('NFC').trim().split('\n')
  if (lines.some((line) => FORBIDDEN.test(line))) return { fault: 'invalid' }
  if (lines.length > 1 && !lineBreaks) return { fault: 'invalid' }
  const text = lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')
  if (text.replace(UNSEEN, '') === '') return { fault: 'empty' }
  if (text.length > maxGraphemes && graphemes(text).length > maxGraphemes) return { fault: 'too_long' }
  return { text }
}

/** For comparing, never for showing: upper-casing first folds ß with ss and the two small sigmas. */
export function foldText(text: string): string {
  return text.toUpperCase().toLowerCase().normalize('NFC').replace(/\s+/gu, ' ').trim()
}

/** For tables of words as data: one string, words apart by spaces or line breaks. */
export function wordList(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}

/** Language subtag of a BCP 47 tag, lower case. */
export function languageOf(locale: string | undefined): string | undefined {
  return locale?.split(/[-_]/, 1)[0]?.toLowerCase()
}
