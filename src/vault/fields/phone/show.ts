import { getCountries, getCountryCallingCode } from 'libphonenumber-js/max'
import { MASK_RULES, NON_GEOGRAPHIC_CODES } from './masks.ts'

const CALLING_CODES: ReadonlySet<string> = new Set([
  ...NON_GEOGRAPHIC_CODES,
  ...getCountries().map((country) => getCountryCallingCode(country)),
])

export function withoutExtension(phone: string): string {
  return phone.replace(/;ext=\d*$/, '')
}

/** E.164 calling codes have one to three digits and none begins with another: the first match is the only one. */
function callingCodeOf(digits: string): string {
  return [1, 2, 3].map((length) => digits.slice(0, length)).find((code) => CALLING_CODES.has(code)) ?? ''
}

/** The extension is hidden as a whole, its being there too. */
export function maskPhone(phone: string): string {
  const digits = withoutExtension(phone).replace(/\D/g, '')
  const callingCode = callingCodeOf(digits)
  const national = digits.slice(callingCode.length)
  const rule = MASK_RULES.rules.find(({ nationalDigits }) => national.length >= nationalDigits)
  // A number without a known calling code was not parsed by us: nothing of it is shown.
  if (!rule?.callingCode || callingCode === '') return `+${stars(digits.length)}`
  const tail = national.length - rule.tail
  return `+${callingCode}${national.slice(0, rule.head)}${stars(tail - rule.head)}${national.slice(tail)}`
}

function stars(count: number): string {
  return '*'.repeat(Math.max(count, MASK_RULES.minHiddenDigits))
}
