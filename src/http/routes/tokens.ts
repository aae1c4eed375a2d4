import { z } from '@hono/zod-openapi'
import { DEFAULT_PAGE_ITEMS } from '../../core/limits.ts'
import { toRfc3339 } from '../../core/time.ts'
import { group, mask, validate } from '../../vault/tokens/service.ts'
import type { MaskedItem, TokenItem } from '../../vault/tokens/service.ts'
import { MAX_SEARCH_HITS, search } from '../../vault/tokens/search.ts'
import type { SearchHit, SearchInput, SearchTerm } from '../../vault/tokens/search.ts'
import type { Vault } from '../../vault/vault.ts'
import { endpoint } from '../endpoint.ts'
import { idSchema, knownOrNobodys, looseId } from '../schemas/ids.ts'
import { ValueSchema } from '../schemas/person.ts'
import { refuseWithoutPurpose } from '../schemas/purpose-required.ts'
import { strict } from '../schemas/strict.ts'
import { CallerRef, FieldNameSchema, PurposeSchema, Time, TimeOut, batchOf } from '../schemas/words.ts'

const TokenItems = strict({ items: batchOf(strict({ key: CallerRef, token: looseId('tok') })) }).openapi(
  'TokenItems',
)

function tokenItems(vault: Vault, body: z.output<typeof TokenItems>): TokenItem[] {
  return body.items.map(({ key, token }) => ({ key, token: knownOrNobodys('tok', token, vault.random) }))
}

const MaskedSchema = z.object({
  items: z.array(
    z.object({
      key: z.string(),
      status: z.enum(['ok', 'denied', 'error']),
      code: z.string().optional(),
      field: FieldNameSchema.optional(),
      masked: ValueSchema.optional(),
    }),
  ),
})

function wireMasked(item: MaskedItem): z.input<typeof MaskedSchema>['items'][number] {
  return item.status === 'ok' ? { ...item, masked: item.masked.exposeSecret() } : item
}

const ValidatedSchema = z.object({
  items: z.array(
    z.object({
      key: z.string(),
      status: z.enum(['live', 'expired', 'retired', 'stale', 'unknown', 'error']),
      code: z.string().optional(),
    }),
  ),
})

const SearchSchema = strict({
  purpose: PurposeSchema,
  phone: z.string().min(1).max(64).optional(),
  email: z.string().min(1).max(320).optional(),
  phone_last4: z
    .string()
    .regex(/^\d{4}$/)
    .optional(),
  order_ref: CallerRef.optional(),
  since: Time.optional(),
  limit: z.int().min(1).max(MAX_SEARCH_HITS).default(DEFAULT_PAGE_ITEMS),
})
  .refine((body) => termOf(body) !== undefined, { params: { code: 'one_term_required' } })
  .openapi('Search', { description: 'One of `phone`, `email`, or `phone_last4` with `order_ref`.' })

type SearchBody = {
  phone?: string | undefined
  email?: string | undefined
  phone_last4?: string | undefined
  order_ref?: string | undefined
}

/** The one thing that is looked for; undefined for none, or more than one. */
function termOf({
  phone,
  email,
  phone_last4: phoneLast4,
  order_ref: orderRef,
}: SearchBody): SearchTerm | undefined {
  const byOrder = phoneLast4 !== undefined || orderRef !== undefined
  if (phone !== undefined) return email === undefined && !byOrder ? { phone } : undefined
  if (email !== undefined) return byOrder ? undefined : { email }
  return phoneLast4 !== undefined && orderRef !== undefined ? { phoneLast4, orderRef } : undefined
}

function searchInput(body: z.output<typeof SearchSchema>): SearchInput {
  const term = termOf(body)
  if (!term) throw new Error('a search that was let through without a term')
  return {
    purpose: body.purpose,
    term,
    limit: body.limit,
    ...(body.since !== undefined && { since: body.since }),
  }
}

const HitSchema = z.object({
  subject: idSchema('sub').optional().openapi({ description: 'To the platform only.' }),
  tokens: z.object({
    name: idSchema('tok').optional(),
    phone: idSchema('tok').optional(),
    email: idSchema('tok').optional(),
    address: idSchema('tok').optional(),
  }),
  orders: z.array(
    z.object({
      order_ref: z.string(),
      merchant: idSchema('mer').optional().openapi({ description: 'To the platform only.' }),
      shipment: idSchema('shp'),
      waybill: idSchema('wb'),
      stage: z.string(),
      created_at: TimeOut,
    }),
  ),
})

function wireHit({ orders, ...hit }: SearchHit): z.input<typeof HitSchema> {
  return {
    ...hit,
    orders: orders.map(({ orderRef, createdAt, ...order }) => ({
      order_ref: orderRef,
      ...order,
      created_at: toRfc3339(createdAt),
    })),
  }
}

export const tokenRoutes = [
  endpoint('POST /v1/mask', {
    summary: 'Masked values of tokens, free of quota',
    body: TokenItems,
    ok: { status: 200, description: 'One answer for each item.', schema: MaskedSchema },
    async handle({ vault, call, body }) {
      return { body: { items: (await mask(vault, call, tokenItems(vault, body))).map(wireMasked) } }
    },
  }),

  endpoint('POST /v1/validate', {
    summary: 'Whether tokens are live',
    body: TokenItems,
    ok: { status: 200, description: 'One answer for each item.', schema: ValidatedSchema },
    async handle({ vault, call, body }) {
      return { body: { items: [...(await validate(vault, call, tokenItems(vault, body)))] } }
    },
  }),

  endpoint('POST /v1/group', {
    summary: 'Which tokens of mine hold the same value',
    body: TokenItems,
    ok: {
      status: 200,
      description: 'Groups of keys, single ones too; keys of tokens that are not live are left out.',
      schema: z.object({ groups: z.array(z.array(z.string())) }),
    },
    async handle({ vault, call, body }) {
      const groups = await group(vault, call, tokenItems(vault, body))
      return { body: { groups: groups.map((keys) => [...keys]) } }
    },
  }),

  endpoint('POST /v1/search', {
    summary: 'From a value to my own tokens and orders',
    description:
      'A shop sees at most 90 days back and 100 results, and pays one of its quota. Every call is logged.',
    body: SearchSchema,
    refuse: refuseWithoutPurpose,
    ok: { status: 200, description: 'What was found.', schema: z.object({ items: z.array(HitSchema) }) },
    errors: ['purpose_required', 'quota_exhausted'],
    async handle({ vault, call, body }) {
      const hits = await search(vault, call, searchInput(body))
      return { body: { items: hits.map(wireHit) } }
    },
  }),
]
