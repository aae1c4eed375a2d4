import type { FieldError } from '../../core/errors.ts'
import { addressField } from './address/address.ts'
import { countryOfAddress } from './address/parse.ts'
import { emailField } from './email/email.ts'
import type { Address, FieldType, ParseContext, ShowContext, View } from './field-type.ts'
import { nameField } from './name/name.ts'
import { phoneField } from './phone/phone.ts'

export type FieldValues = { name: string; phone: string; email: string; address: Address }

export type FieldName = keyof FieldValues

/** In the order in which fields are listed everywhere. */
export const FIELDS: { readonly [Field in FieldName]: FieldType<FieldValues[Field]> } = {
  name: nameField,
  phone: phoneField,
  email: emailField,
  address: addressField,
}

export const FIELD_NAMES = Object.keys(FIELDS) as readonly FieldName[]

export type Person = { [Field in FieldName]?: FieldValues[Field] }

export type ParsedPerson = { ok: true; person: Person } | { ok: false; errors: readonly FieldError[] }

export function isFieldName(text: string): text is FieldName {
  return Object.hasOwn(FIELDS, text)
}

export function isView(field: FieldName, view: unknown): view is View {
  return FIELDS[field].views.some((known) => known === view)
}

/** Of two views the one that shows less. What is not a view of the field shows nothing. */
export function lesserView(field: FieldName, a: View, b: View): View {
  const { views } = FIELDS[field]
  return views[Math.min(views.indexOf(a), views.indexOf(b))] ?? 'none'
}

export function showField<Field extends FieldName>(
  field: Field,
  value: FieldValues[Field],
  view: View,
  context?: ShowContext,
): FieldValues[Field] | undefined {
  return FIELDS[field].show(value, view, context)
}

/**
 * Takes what a caller says of a person: all of it or the list of what is wrong, with pointers from the person
 * (`/address/country`). National phone numbers are read by the address's country, or by `context.country` when no
 * address comes with them. An absent or undefined field is left out. Codes of its own: `person_invalid`,
 * `person_unknown_field`, `person_empty`.
 */
export function parsePerson(input: unknown, context: ParseContext = {}): ParsedPerson {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return refused('person_invalid')
  // An unknown key is the caller's text and may be anything: the pointer names the object, not the key.
  if (!Object.keys(input).every(isFieldName)) return refused('person_unknown_field')
  const raw: { readonly [Field in FieldName]?: unknown } = input
  const country = raw.address === undefined ? context.country : countryOfAddress(raw.address)
  const errors: FieldError[] = []
  const person: Person = {}
  for (const field of FIELD_NAMES) {
    if (raw[field] !== undefined) errors.push(...take(person, field, raw[field], { ...context, country }))
  }
  if (errors.length > 0) return { ok: false, errors }
  return Object.keys(person).length > 0 ? { ok: true, person } : refused('person_empty')
}

/** Puts the parsed field into `person`, or says what is wrong with it. */
function take<Field extends FieldName>(
  person: { [F in Field]?: FieldValues[F] },
  field: Field,
  input: unknown,
  context: ParseContext,
): readonly FieldError[] {
  const parsed = FIELDS[field].parse(input, context)
  if (!parsed.ok) return parsed.errors.map((error) => ({ ...error, pointer: `/${field}${error.pointer}` }))
  person[field] = parsed.value
  return []
}

function refused(code: string): ParsedPerson {
  return { ok: false, errors: [{ pointer: '', code }] }
}
