import { z } from '@hono/zod-openapi'
import { MAX_TOKENIZE_ITEMS } from '../../core/limits.ts'
import { correct } from '../../vault/records/correct.ts'
import { erase } from '../../vault/records/erase.ts'
import type { Erased } from '../../vault/records/erase.ts'
import { tokenize } from '../../vault/records/tokenize.ts'
import type { TokenizeInput, TokenizeItem } from '../../vault/records/tokenize.ts'
import { LINKABILITIES } from '../../vault/tokens/token.ts'
import { endpoint } from '../endpoint.ts'
import { idSchema, pathId } from '../schemas/ids.ts'
import { Jurisdiction, Locale, PersonInput, TokensSchema } from '../schemas/person.ts'
import { strict } from '../schemas/strict.ts'
import { CallerRef, TimeOut, batchOf } from '../schemas/words.ts'

const ItemSchema = strict({
  key: CallerRef.openapi({ example: 'row-1' }),
  external_ref: CallerRef.optional().openapi({ description: "Names the person among the caller's own." }),
  locale: Locale.optional().openapi({ example: 'zh-Hans' }),
  jurisdiction: Jurisdiction.optional().openapi({ example: 'CN' }),
  person: PersonInput,
}).openapi('TokenizeItem')

const TokenizeSchema = strict({
  linkability: z.enum(LINKABILITIES).default('week').openapi({
    description: 'How long the same person and value keep the same token at this shop.',
  }),
  party: idSchema('mer').optional().openapi({ description: 'Platform only: whose tokens these are.' }),
  atomic: z
    .boolean()
    .default(false)
    .openapi({ description: 'All or nothing: 422 if any item cannot be taken.' }),
  items: batchOf(ItemSchema, MAX_TOKENIZE_ITEMS),
})

const TokenizedSchema = z.object({
  items: z.array(
    z.object({
      key: z.string(),
      status: z.enum(['created', 'updated', 'unchanged', 'error']),
      code: z.string().optional(),
      errors: z.array(z.object({ pointer: z.string(), code: z.string() })).optional(),
      tokens: TokensSchema.optional(),
      subject: idSchema('sub').optional().openapi({ description: 'To the platform only.' }),
    }),
  ),
})

function tokenizeInput(body: z.output<typeof TokenizeSchema>): TokenizeInput {
  const { linkability, party, atomic } = body
  return { linkability, atomic, ...(party && { party }), items: body.items.map(tokenizeItem) }
}

function tokenizeItem(item: z.output<typeof ItemSchema>): TokenizeItem {
  const { key, external_ref: externalRef, locale, jurisdiction, person } = item
  return {
    key,
    ...(externalRef !== undefined && { externalRef }),
    ...(locale !== undefined && { locale }),
    ...(jurisdiction !== undefined && { jurisdiction }),
    person,
  }
}

export const CorrectionSchema = strict({
  person: z.record(z.string(), z.unknown()).openapi({
    type: 'object',
    description: 'Fields as in `Person`; null takes a field away; a field left out stays.',
    allOf: [{ $ref: '#/components/schemas/Person' }],
  }),
})

export const CorrectedSchema = z
  .object({ subject: idSchema('sub'), status: z.enum(['updated', 'unchanged']) })
  .openapi('Corrected')

export const ErasedSchema = z
  .object({
    erased_at: TimeOut,
    event: idSchema('evt'),
    tokens_retired: z.int(),
    grants_revoked: z.int(),
  })
  .openapi('Erased')

export function wireErased({
  erasedAt,
  event,
  tokensRetired,
  grantsRevoked,
}: Erased): z.input<typeof ErasedSchema> {
  return { erased_at: erasedAt, event, tokens_retired: tokensRetired, grants_revoked: grantsRevoked }
}

export const peopleRoutes = [
  endpoint('POST /v1/tokenize', {
    summary: 'Bring people in, get tokens out',
    description:
      'Items are answered in order, each with its own status. The same `external_ref` again updates the person, and live tokens follow the new value.',
    body: TokenizeSchema,
    ok: { status: 200, description: 'One answer for each item.', schema: TokenizedSchema },
    errors: ['not_found', 'state_conflict', 'batch_failed'],
    async handle({ vault, call, body }) {
      return { body: { items: [...(await tokenize(vault, call, tokenizeInput(body)))].map(wireTokenized) } }
    },
  }),

  endpoint('PATCH /v1/subjects/{id}', {
    summary: "Correct a person's fields",
    id: pathId('sub', 'person'),
    body: CorrectionSchema,
    ok: { status: 200, description: 'Live tokens follow the new values.', schema: CorrectedSchema },
    async handle({ vault, call, id, body }) {
      return { body: await correct(vault, call, id, body.person) }
    },
  }),

  endpoint('DELETE /v1/subjects/{id}', {
    summary: 'Erase a person',
    description: "Destroys the person's key, retires the tokens and revokes the grants, in one step.",
    id: pathId('sub', 'person'),
    ok: { status: 200, description: 'The receipt.', schema: ErasedSchema },
    async handle({ vault, call, id }) {
      return { body: wireErased(await erase(vault, call, id)) }
    },
  }),
]

type Tokenized = Awaited<ReturnType<typeof tokenize>>[number]

function wireTokenized(item: Tokenized): z.input<typeof TokenizedSchema>['items'][number] {
  if (item.status !== 'error') return item
  const { key, status, code } = item
  return {
    key,
    status,
    code,
    errors: item.errors.map(({ pointer, code: fieldCode }) => ({ pointer, code: fieldCode })),
  }
}
