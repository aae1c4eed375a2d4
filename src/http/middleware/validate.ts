import type { z } from '@hono/zod-openapi'
import { VaultError } from '../../core/errors.ts'
import type { FieldError } from '../../core/errors.ts'

export type Issues = readonly z.core.$ZodIssue[]

/** More than anybody reads; a batch of a thousand can be wrong in thousands of places. */
const MAX_ERRORS = 100

/** @throws VaultError `invalid_request` naming each field, or what `refuse` makes of it. */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  refuse?: (issues: Issues, input: unknown) => VaultError | undefined,
): z.output<Schema> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  throw refuse?.(issues, input) ?? invalid(issues, input)
}

function invalid(issues: Issues, input: unknown): VaultError {
  const errors = issues.slice(0, MAX_ERRORS).map((issue) => fieldError(issue, input))
  return new VaultError('invalid_request', 'A field cannot be taken.', { errors })
}

/** Says where and what kind; neither the value nor a key that the contract does not know. */
function fieldError(issue: z.core.$ZodIssue, input: unknown): FieldError {
  const path = issue.code === 'invalid_key' ? issue.path.slice(0, -1) : issue.path
  return { pointer: path.map((part) => `/${String(part)}`).join(''), code: codeOf(issue, input) }
}

function codeOf(issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.code === 'unrecognized_keys') return 'unknown_field'
  if (isAbsent(issue, input)) return 'required'
  if (issue.code === 'custom')
    return typeof issue.params?.['code'] === 'string' ? issue.params['code'] : 'invalid'
  if (issue.code === 'invalid_type') return 'wrong_type'
  if (issue.code === 'too_big') return tooMuch(issue.origin)
  if (issue.code === 'too_small') return tooLittle(issue.origin)
  return 'invalid'
}

export function isAbsent(issue: z.core.$ZodIssue, input: unknown): boolean {
  let value = input
  for (const part of issue.path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return true
    value = (value as Record<PropertyKey, unknown>)[part]
  }
  return value === undefined
}

function tooMuch(origin: string): string {
  if (origin === 'string') return 'too_long'
  return origin === 'array' ? 'too_many' : 'too_large'
}

function tooLittle(origin: string): string {
  if (origin === 'string') return 'too_short'
  return origin === 'array' ? 'too_few' : 'too_small'
}
