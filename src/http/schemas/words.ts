import { z } from '@hono/zod-openapi'
import { CALLER_REF, DEFAULT_PAGE_ITEMS, MAX_BATCH_ITEMS, MAX_PAGE_ITEMS } from '../../core/limits.ts'
import { PURPOSES } from '../../core/purpose.ts'
import { parseRfc3339 } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { FIELD_NAMES } from '../../vault/fields/registry.ts'
import type { FieldName } from '../../vault/fields/registry.ts'
import type { Page } from '../../vault/store.ts'
import { strict } from './strict.ts'

/** Names that callers make up. */
export const CallerRef = z.string().regex(CALLER_REF)

const MAX_NAME = 200
const MAX_REASON = 1_000

/** One line of text: no control characters. */
export const Line = z
  .string()
  .min(1)
  .max(MAX_NAME)
  .regex(/^\P{Cc}*$/u)

export const Reason = z
  .string()
  .min(1)
  .max(MAX_REASON)
  .openapi({ description: 'Kept sealed; never in the log.' })

export const PurposeSchema = z.enum(PURPOSES)

export const FieldNameSchema = z.enum(FIELD_NAMES as readonly [FieldName, ...FieldName[]])

/** RFC 3339 with an offset, as the vault's instant. */
export const Time = z
  .string()
  .max(40)
  .transform((text, context): Instant => {
    const at = parseRfc3339(text)
    if (at !== undefined) return at
    context.addIssue({ code: 'custom', params: { code: 'invalid' }, message: 'not RFC 3339' })
    return z.NEVER
  })
  .openapi({ type: 'string', format: 'date-time', example: '2026-11-23T17:44:00.000Z' })

export const TimeOut = z.string().openapi({ format: 'date-time', example: '2026-11-23T17:44:00.000Z' })

export function batchOf<Item extends z.ZodType>(item: Item, max = MAX_BATCH_ITEMS) {
  return z.array(item).min(1).max(max)
}

/** Query parameters of every list. A cursor comes back as it was given out. */
export const PAGING = {
  limit: z
    .string()
    .regex(/^[1-9]\d{0,3}$/)
    .transform(Number)
    .pipe(z.int().max(MAX_PAGE_ITEMS))
    .optional()
    .openapi({ type: 'integer', minimum: 1, maximum: MAX_PAGE_ITEMS, default: DEFAULT_PAGE_ITEMS }),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/)
    .optional()
    .openapi({ description: '`next_cursor` of the page before.' }),
}

export const PagingQuery = strict(PAGING)

export function pageFrom(query: { limit?: number | undefined; cursor?: string | undefined }): Page {
  const { limit = DEFAULT_PAGE_ITEMS, cursor } = query
  return { limit, ...(cursor !== undefined && { after: cursor }) }
}

export function listOf<Row extends z.ZodType>(row: Row) {
  return z.object({
    items: z.array(row),
    next_cursor: z.string().nullable().openapi({ description: 'Null on the last page.' }),
  })
}
