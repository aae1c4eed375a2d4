import { fromUtf8 } from '../../core/bytes.ts'
import { VaultError } from '../../core/errors.ts'
import type { FieldError } from '../../core/errors.ts'
import { isContractWord } from '../schemas/strict.ts'

/** The contract's deepest body has five levels. */
const MAX_DEPTH = 32

const QUOTE = 0x22
const BACKSLASH = 0x5c

function isOpening(byte: number): boolean {
  return byte === 0x5b || byte === 0x7b
}

function isClosing(byte: number): boolean {
  return byte === 0x5d || byte === 0x7d
}

/** Looks at brackets outside of strings alone, before anything is built from them. */
function nestsTooDeep(bytes: Uint8Array): boolean {
  let depth = 0
  let quoted = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    if (quoted) {
      if (byte === BACKSLASH) i++
      else if (byte === QUOTE) quoted = false
    } else if (byte === QUOTE) quoted = true
    else if (isOpening(byte)) {
      if (++depth > MAX_DEPTH) return true
    } else if (isClosing(byte)) depth--
  }
  return false
}

/**
 * Bytes to a value whose every string is well-formed Unicode without NUL.
 * @throws VaultError `invalid_json`, or `invalid_request` with a pointer to each string that cannot be taken.
 */
export function parseJson(bytes: Uint8Array): unknown {
  if (nestsTooDeep(bytes)) {
    throw new VaultError('invalid_json', `The body is nested more than ${MAX_DEPTH} levels deep.`)
  }
  const { text, value } = decode(bytes)
  // Without an escape no lone surrogate and no NUL gets past a strict decoder and parser.
  if (text.includes('\\u') || text.includes('__proto__')) refuseBadText(value)
  return value
}

function decode(bytes: Uint8Array): { text: string; value: unknown } {
  try {
    const text = fromUtf8(bytes)
    return { text, value: JSON.parse(text) as unknown }
  } catch {
    // The parser's own message quotes the body, so nothing of it goes on.
    throw new VaultError('invalid_json', 'The body is not JSON in UTF-8.')
  }
}

function isBadText(text: string): boolean {
  return text.includes('\0') || !text.isWellFormed()
}

function refuseBadText(body: unknown): void {
  const errors: FieldError[] = []
  const left: { value: unknown; pointer: string }[] = [{ value: body, pointer: '' }]
  for (let next = left.pop(); next; next = left.pop()) {
    const { value, pointer } = next
    if (typeof value === 'string' && isBadText(value)) errors.push({ pointer, code: 'bad_text' })
    if (typeof value !== 'object' || value === null) continue
    for (const [key, member] of Object.entries(value)) {
      if (isBadText(key)) errors.push({ pointer, code: 'bad_text' })
      if (key === '__proto__') errors.push({ pointer, code: 'unknown_field' })
      left.push({ value: member, pointer: below(pointer, key, Array.isArray(value)) })
    }
  }
  if (errors.length > 0)
    throw new VaultError('invalid_request', 'The body holds what cannot be taken.', { errors })
}

/** A key that is not the contract's is the caller's text and may be anything: the pointer stays at its object. */
function below(pointer: string, key: string, inArray: boolean): string {
  return inArray || isContractWord(key) ? `${pointer}/${key}` : pointer
}
