import type { FieldError } from '../../core/errors.ts'

/** How much of a value somebody sees. Each field type orders its own views from less to more. */
export type View = 'none' | 'masked' | 'surname' | 'relay' | 'city' | 'district' | 'street' | 'full'

/** A postal address as callers write it. Everything but `country` may be absent; an absent part is not an empty one. */
export type Address = {
  /** ISO 3166-1 alpha-2, upper case. */
  country: string
  province?: string
  city?: string
  district?: string
  town?: string
  line1?: string
  line2?: string
  postcode?: string
}

export type FieldValue = string | Address

export type Parsed<Value> = { ok: true; value: Value } | { ok: false; errors: readonly FieldError[] }

/** What else the caller said about the person that a field may need to be understood. */
export type ParseContext = {
  /** ISO 3166-1 alpha-2 of the person's address, for national phone numbers. */
  country?: string | undefined
  /** BCP 47, as given by the caller. */
  locale?: string | undefined
}

/** What a mask may use besides the value. Without a locale it falls back on the script. */
export type ShowContext = {
  /** BCP 47, as given when the value came in: which part of a name is the family's. */
  locale?: string | undefined
}

/**
 * One kind of personal data: how it is taken in, compared and shown in part. Adding one is a folder beside the others
 * and a line in `registry.ts`. All functions are pure.
 */
export type FieldType<Value extends FieldValue> = {
  /** From `none` to `full`. */
  readonly views: readonly View[]
  /** The view that `POST /v1/mask` and labels show: always free of quota. */
  readonly maskedView: View
  /** Takes what a caller sent. Errors carry pointers relative to the field and never the value. */
  parse(input: unknown, context: ParseContext): Parsed<Value>
  /** What is left of the value at a view: never more than the view allows; `undefined` for `none`, `relay` and other fields' views. */
  show(value: Value, view: View, context?: ShowContext): Value | undefined
  /** The text that two equal values share, for the blind index. */
  indexTerm(value: Value): string
}
