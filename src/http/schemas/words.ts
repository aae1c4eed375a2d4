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

/** Days and hours that exist: `Date.parse` alone takes the 30th of February for a day in March. */
const DATE_TIME = z.iso.datetime({ offset: true })

/** RFC 3339 §5.6 writes years with four digits, and an offset can lead out of them. */
const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z')
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z')

function parseTime(text: string): Instant | undefined {
  const at = DATE_TIME.safeParse(text).success ? parseRfc3339(text) : undefined
  return at !== undefined && at >= FIRST_MS && at <= LAST_MS ? at : undefined
}

/** RFC 3339 with an offset, as the vault's instant. */
export const Time = z
  .string()
  .max(40)
  .transform((text, context): Instant => {
    const at = parseTime(text)
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
