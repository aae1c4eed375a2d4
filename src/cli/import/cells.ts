/**
 * What spreadsheets put around numbers so that they stay text: `'0123` and `="0123"`. Only for cells that hold a
 * number: `'s-Hertogenbosch` is a city and `'t Hooft` a name.
 */
export function unguard(cell: string): string {
  const text = cell.trim()
  const formula = /^="(.*)"$/s.exec(text)
  return (formula?.[1] ?? text.replace(/^'/, '')).trim()
}

/** Full-width digits, plus and hyphen (U+FF0B, U+FF0D, U+FF10–FF19) lie 0xFEE0 above their ASCII forms. */
const FULL_WIDTH = /[\uff0b\uff0d\uff10-\uff19]/g
const FULL_WIDTH_OFFSET = 0xfee0

function toHalfWidth(text: string): string {
  return text.replace(FULL_WIDTH, (char) => String.fromCharCode(char.charCodeAt(0) - FULL_WIDTH_OFFSET))
}

const DIALABLE = /^\+?[\d\s()./-]+$/

/**
 * A phone as the service takes it: without guard, full-width forms and punctuation, `00` written `+`. Whether it is
 * a number at all the service decides: text that holds anything else stays as it is.
 */
export function readPhone(cell: string): string {
  const text = toHalfWidth(unguard(cell))
  if (!DIALABLE.test(text)) return text
  return text.replace(/[^+\d]/g, '').replace(/^00/, '+')
}

/** A mobile or a land line of China, with or without the country, then an extension. */
const CHINESE_PHONE =
  /^(?:(?:\+|00)?86[ -]?)?(?<number>1\d{2} ?\d{4} ?\d{4}|0\d{2,3}[ -]?\d{7,8})(?:(?:-|转)(?<extension>\d{1,6}))?$/

/** `86-010-65551234-802` → `01065551234;ext=802` (RFC 3966 section 5.3): a hyphen more, and it were another number. */
export function readChinesePhone(cell: string): string {
  const text = toHalfWidth(unguard(cell))
  const { number, extension } = CHINESE_PHONE.exec(text)?.groups ?? {}
  if (number === undefined) return readPhone(text)
  const digits = number.replace(/\D/g, '')
  return extension === undefined ? digits : `${digits};ext=${extension}`
}
