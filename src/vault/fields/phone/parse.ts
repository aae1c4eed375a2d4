// The full metadata: with the default one a number of the right length counts as valid though its range is not in use.
import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { CountryCode, PhoneNumber } from 'libphonenumber-js/max'
import type { ParseContext, Parsed } from '../field-type.ts'
import { accept, refuse } from '../parsed.ts'

const MAX_CHARS = 64
const E164 = /^\+[1-9]\d{6,14}$/
const DIALLED = /^\+?[\d\s().-]+$/
/** RFC 3966 `;ext=`, and what people write: `ext. 802`, `x802`, `#802`, `转802`. */
const EXTENSION = /[\s,;-]*(?:ext(?:ension|n)?|x|#|转|轉|分机|分機|内線|доб)[\s.:=]*(\d{1,7})$/iu
/** `010-65551234-802`. Only for land lines: behind a mobile number it is a slip of the finger. */
const HYPHENATED_EXTENSION = /^(.*\d)-(\d{1,6})$/
const LAND_LINES: readonly unknown[] = ['FIXED_LINE', 'FIXED_LINE_OR_MOBILE']
/** The zero of each script whose digits people type; its nine others follow it (Unicode keeps decimal digits together). */
const ZEROS = '٠۰߀०০੦૦୦௦౦೦൦๐໐༠၀០᠐'

/**
 * E.164, or national with the country of the address. The value is E.164, with `;ext=` as in RFC 3966 if there is one.
 * Codes: `phone_invalid`, `phone_empty`, `phone_country_required`.
 */
export function parsePhone(input: unknown, context: ParseContext): Parsed<string> {
  if (typeof input !== 'string' || input.length > MAX_CHARS) return refuse('phone_invalid')
  const text = E164.test(input) ? input : tidy(input)
  if (text === '') return refuse('phone_empty')
  const extension = EXTENSION.exec(text)
  const dialled = extension ? text.slice(0, extension.index) : text
  if (!DIALLED.test(dialled)) return refuse('phone_invalid')
  const country = countryOf(context)
  if (country === undefined && !/^(?:\+|00)/.test(dialled)) return refuse('phone_country_required')
  const value = extension
    ? canonical(readNumber(dialled, country), extension[1])
    : (canonical(readNumber(dialled, country)) ?? readHyphenated(dialled, country))
  return value === undefined ? refuse('phone_invalid') : accept(value)
}

function canonical(number: PhoneNumber | undefined, extension?: string): string | undefined {
  return number && (extension === undefined ? number.number : `${number.number};ext=${extension}`)
}

function countryOf(context: ParseContext): CountryCode | undefined {
  return context.country !== undefined && isSupportedCountry(context.country) ? context.country : undefined
}

/** Spreadsheet guards (`'138…`, `="138…"`), invisible marks, other digits and dashes: all to plain ASCII. */
function tidy(input: string): string {
  return Array.from(input.normalize('NFKC').replace(/\p{Cf}/gu, ''), asciiDigit)
    .join('')
    .replace(/[\u2010-\u2015\u2212\u30fc]/g, '-')
    .trim()
    .replace(/^="(.*)"$/, '$1')
    .replace(/^'+/, '')
    .replace(/^tel:/i, '')
    .trim()
}

function asciiDigit(character: string): string {
  if (!/[^\d\P{Nd}]/u.test(character)) return character
  const point = character.codePointAt(0) ?? 0
  const zero = Array.from(ZEROS, (digit) => digit.codePointAt(0) ?? 0).find(
    (at) => at <= point && point < at + 10,
  )
  return zero === undefined ? character : String(point - zero)
}

/** `00` is the international prefix nearly everywhere; where it is not, the country's own reading is tried after it. */
function readNumber(dialled: string, country: CountryCode | undefined): PhoneNumber | undefined {
  const international = dialled.replace(/^\+?00/, '+')
  const readings = international === dialled ? [dialled] : [international, dialled]
  for (const reading of readings) {
    const number = parsePhoneNumberFromString(reading, {
      extract: false,
      ...(country === undefined ? {} : { defaultCountry: country }),
    })
    if (number?.isPossible() && number.isValid()) return number
  }
  return undefined
}

function readHyphenated(dialled: string, country: CountryCode | undefined): string | undefined {
  const parts = HYPHENATED_EXTENSION.exec(dialled)
  const number = parts?.[1] === undefined ? undefined : readNumber(parts[1], country)
  return number && LAND_LINES.includes(number.getType()) ? canonical(number, parts?.[2]) : undefined
}
