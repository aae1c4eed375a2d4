import type { Parsed } from '../field-type.ts'
import { accept, refuse } from '../parsed.ts'
import { cleanText } from '../text.ts'

const MAX_GRAPHEMES = 100

/** Any script and direction, from one character on. Codes: `name_invalid`, `name_empty`, `name_too_long`. */
export function parseName(input: unknown): Parsed<string> {
  if (typeof input !== 'string') return refuse('name_invalid')
  const clean = cleanText(input, { maxGraphemes: MAX_GRAPHEMES })
  return clean.fault === undefined ? accept(clean.text) : refuse(`name_${clean.fault}`)
}
