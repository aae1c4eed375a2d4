import type { FieldError } from '../../../core/errors.ts'
import type { Address, Parsed } from '../field-type.ts'
import { accept, refuse } from '../parsed.ts'
import { cleanText } from '../text.ts'
import { COUNTRIES } from './countries.ts'

export type AddressPart = keyof Address

export const ADDRESS_PARTS = [
  'country',
  'province',
  'city',
  'district',
  'town',
  'line1',
  'line2',
  'postcode',
] as const satisfies readonly AddressPart[]

const MAX_PART_GRAPHEMES = 200
/** A country with a province or a postcode alone leads a parcel nowhere. */
const PLACES: readonly AddressPart[] = ['line1', 'line2', 'city', 'district', 'town']
const MULTILINE: readonly AddressPart[] = ['line1', 'line2']

/**
 * Parts that are empty after trimming are left out. Codes: `address_invalid`, `address_empty`, `address_unknown_part`,
 * `address_country_required`, `address_country_invalid`, `address_part_invalid`, `address_part_too_long`.
 */
export function parseAddress(input: unknown): Parsed<Address> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return refuse('address_invalid')
  // An unknown key is the caller's text and may be anything: the pointer names the object, not the key.
  if (Object.keys(input).some((key) => !ADDRESS_PARTS.some((part) => part === key))) {
    return refuse('address_unknown_part')
  }
  const raw: { readonly [P in AddressPart]?: unknown } = input
  const errors: FieldError[] = []
  const parts: Partial<Address> = {}
  for (const part of ADDRESS_PARTS) {
    const found = part === 'country' ? readCountry(raw.country) : readPart(part, raw[part])
    if (found.code !== undefined) errors.push({ pointer: `/${part}`, code: found.code })
    else if (found.text !== undefined) parts[part] = found.text
  }
  const { country, ...rest } = parts
  if (country === undefined || errors.length > 0) return { ok: false, errors }
  return PLACES.some((part) => parts[part] !== undefined)
    ? accept({ country, ...rest })
    : refuse('address_empty')
}

/** The country that an address names, also when the rest of it cannot be taken: national phone numbers rest on it. */
export function countryOfAddress(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null || !('country' in input)) return undefined
  return readCountry(input.country).text
}

type Found = { text?: string | undefined; code?: string }

function readCountry(input: unknown): Found {
  if (input === undefined) return { code: 'address_country_required' }
  const country = typeof input === 'string' ? input.trim().toUpperCase() : ''
  return COUNTRIES.has(country) ? { text: country } : { code: 'address_country_invalid' }
}

function readPart(part: AddressPart, input: unknown): Found {
  if (input === undefined) return {}
  if (typeof input !== 'string') return { code: 'address_part_invalid' }
  const clean = cleanText(input, { maxGraphemes: MAX_PART_GRAPHEMES, lineBreaks: MULTILINE.includes(part) })
  if (clean.fault === undefined || clean.fault === 'empty') return { text: clean.text }
  return { code: `address_part_${clean.fault}` }
}
