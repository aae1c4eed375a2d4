import { z } from '@hono/zod-openapi'
import { SECOND_MS, DAY_MS, toRfc3339 } from '../../core/time.ts'
import { FIELD_NAMES } from '../../vault/fields/registry.ts'
import type { RevealItem } from '../../vault/reveal/prepare.ts'
import { reveal } from '../../vault/reveal/service.ts'
import type { RevealInput, RevealResult } from '../../vault/reveal/service.ts'
import type { RevealedField, RevealedItem } from '../../vault/reveal/writer.ts'
import type { Vault } from '../../vault/vault.ts'
import { clearingHint } from '../../vault/watch/hold.ts'
import { endpoint, wireTime } from '../endpoint.ts'
import { idSchema, knownOrNobodys, looseId } from '../schemas/ids.ts'
import { ValueSchema } from '../schemas/person.ts'
import { refuseWithoutReason } from '../schemas/purpose-required.ts'
import { strict } from '../schemas/strict.ts'
import { CallerRef, FieldNameSchema, PurposeSchema, TimeOut, batchOf } from '../schemas/words.ts'

const ItemSchema = strict({
  key: CallerRef.openapi({ example: 'a' }),
  waybill: looseId('wb').optional(),
  token: looseId('tok').optional(),
  order_ref: CallerRef.optional().openapi({ description: 'The order that a token is wanted for.' }),
  fields: z.array(FieldNameSchema).min(1).max(FIELD_NAMES.length).optional(),
})
  .refine(isOneForm, { params: { code: 'waybill_or_token_required' } })
  .openapi('RevealItem', { description: 'Either a `waybill`, or a `token` with its `order_ref`.' })

type Item = {
  key: string
  waybill?: string | undefined
  token?: string | undefined
  order_ref?: string | undefined
  fields?: readonly z.output<typeof FieldNameSchema>[] | undefined
}

function isOneForm({ waybill, token, order_ref: orderRef, fields }: Item): boolean {
  if (waybill === undefined) return token !== undefined
  return token === undefined && orderRef === undefined && fields === undefined
}

const RevealSchema = strict({
  purpose: PurposeSchema,
  operator: strict({ id: CallerRef, device: CallerRef.optional() }).openapi({
    description: 'Who looks, at the caller.',
  }),
  items: batchOf(ItemSchema),
})

const RevealedFieldSchema = z.object({
  view: z.string(),
  value: ValueSchema.optional(),
  reason: z.string().optional().openapi({ description: 'Why the field is held back.' }),
})

const RevealedSchema = z.object({
  items: z.array(
    z.object({
      key: z.string(),
      status: z.enum(['ok', 'denied', 'error']),
      code: z.string().optional(),
      hold: z
        .object({ id: idSchema('hld'), until: TimeOut.nullable() })
        .optional()
        .openapi({ description: 'With `risk_denied`: what holds, and until when at most.' }),
      detail: z.string().optional().openapi({ description: 'With `risk_denied`: how it is cleared.' }),
      event: idSchema('evt').optional().openapi({ description: 'The event in the log that records this.' }),
      fields: z
        .object({
          name: RevealedFieldSchema.optional(),
          phone: RevealedFieldSchema.optional(),
          email: RevealedFieldSchema.optional(),
          address: RevealedFieldSchema.optional(),
        })
        .optional(),
    }),
  ),
  quota: z.object({ limit: z.int(), remaining: z.int(), cost: z.int(), resets_at: TimeOut }),
})

function revealInput(vault: Vault, { purpose, operator, items }: z.output<typeof RevealSchema>): RevealInput {
  const { id, device } = operator
  return {
    purpose,
    operator: { id, ...(device !== undefined && { device }) },
    items: items.map((item) => revealItem(vault, item)),
  }
}

function revealItem(
  { random }: Vault,
  { key, waybill, token, order_ref: orderRef, fields }: Item,
): RevealItem {
  if (waybill !== undefined) return { key, waybill: knownOrNobodys('wb', waybill, random) }
  return {
    key,
    token: knownOrNobodys('tok', token ?? '', random),
    ...(orderRef !== undefined && { orderRef }),
    ...(fields && { fields }),
  }
}

/** The one place where revealed values leave: their event is durable by now. */
function wireField(field: RevealedField): z.input<typeof RevealedFieldSchema> {
  return 'value' in field ? { view: field.view, value: field.value.exposeSecret() } : field
}

function wireItem(item: RevealedItem): z.input<typeof RevealedSchema>['items'][number] {
  if (item.status === 'denied') return wireDenied(item)
  if (item.status !== 'ok') return item
  const { key, status, event } = item
  const fields: Partial<Record<keyof typeof item.fields, z.input<typeof RevealedFieldSchema>>> = {}
  for (const name of FIELD_NAMES) {
    const field = item.fields[name]
    if (field) fields[name] = wireField(field)
  }
  return { key, status, event, fields }
}

/** A hold says what it is and how it ends; to whoever is held that is all that is said. */
function wireDenied({ hold, ...item }: Extract<RevealedItem, { status: 'denied' }>) {
  if (!hold) return item
  const { hold: id, until } = hold
  return { ...item, hold: { id, until: wireTime(until) }, detail: clearingHint(hold) }
}

/** draft-ietf-httpapi-ratelimit-headers: the policy, and what is left of it. */
function quotaHeaders(
  vault: Vault,
  { limit, remaining, resetsAt }: RevealResult['quota'],
): Record<string, string> {
  const seconds = Math.max(0, Math.ceil((resetsAt - vault.clock.now()) / SECOND_MS))
  return {
    'ratelimit-policy': `"day";q=${limit};w=${DAY_MS / SECOND_MS}`,
    ratelimit: `"day";r=${remaining};t=${seconds}`,
  }
}

export const revealRoutes = [
  endpoint('POST /v1/reveal', {
    summary: 'See what the purpose, the grant and the stage of the journey allow',
    description:
      'Each item is judged by itself, and its event is in the log before the answer. The same item for the same purpose within the hour costs nothing more.',
    body: RevealSchema,
    refuse: refuseWithoutReason,
    ok: {
      status: 200,
      description: 'One answer for each item.',
      schema: RevealedSchema,
      headers: ['RateLimit-Policy', 'RateLimit'],
    },
    errors: ['purpose_required', 'operator_required'],
    async handle({ vault, call, body }) {
      const { items, quota } = await reveal(vault, call, revealInput(vault, body))
      const { limit, remaining, cost, resetsAt } = quota
      const wireQuota = { limit, remaining, cost, resets_at: toRfc3339(resetsAt) }
      return { body: { items: items.map(wireItem), quota: wireQuota }, headers: quotaHeaders(vault, quota) }
    },
  }),
]
