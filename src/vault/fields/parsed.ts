import type { FieldValue, Parsed } from './field-type.ts'

export function accept<Value extends FieldValue>(value: Value): Parsed<Value> {
  return { ok: true, value }
}

/** `pointer` is relative to the field. Codes are part of the HTTP contract; the refused text is in neither. */
export function refuse(code: string, pointer = ''): Parsed<never> {
  return { ok: false, errors: [{ pointer, code }] }
}
