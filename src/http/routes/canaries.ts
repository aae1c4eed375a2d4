import { z } from '@hono/zod-openapi'
import { MAX_BATCH_ITEMS } from '../../core/limits.ts'
import type { Canary } from '../../vault/canaries/canary.ts'
import { readMail, takeMail } from '../../vault/canaries/mail.ts'
import { shipToCanary } from '../../vault/canaries/parcel.ts'
import { MADE_UP_LOCALES } from '../../vault/canaries/people/people.ts'
import { ORDER_TEMPLATE, TEMPLATE } from '../../vault/canaries/people/template.ts'
import { plant } from '../../vault/canaries/plant.ts'
import type { Planted, Planting } from '../../vault/canaries/plant.ts'
import { listCanaries, retireCanary } from '../../vault/canaries/service.ts'
import { LINKABILITIES } from '../../vault/tokens/token.ts'
import { endpoint, wireTime } from '../endpoint.ts'
import { idSchema, pathId } from '../schemas/ids.ts'
import { Jurisdiction, Locale, PersonInput, TokensSchema } from '../schemas/person.ts'
import { strict } from '../schemas/strict.ts'
import { CallerRef, PAGING, Time, TimeOut, listOf, pageFrom } from '../schemas/words.ts'

const canaryInPath = pathId('sub', 'canary')

const Template = z.string().max(200).regex(TEMPLATE)

/** Forty characters become sixty-four at most. */
const OrderTemplate = z.string().max(40).regex(ORDER_TEMPLATE)

const MadeUpSchema = strict({
  count: z.int().min(1).max(MAX_BATCH_ITEMS).default(1),
  locale: z.enum(MADE_UP_LOCALES),
  email: Template.optional().openapi({
    description: "Mailboxes of the platform's own: `{random}` becomes a word, `{digits}` eight digits.",
    example: '{random}@shop-mail.example',
  }),
  phones: z.array(z.string().max(40)).min(1).max(MAX_BATCH_ITEMS).optional().openapi({
    description: "Numbers of the platform's own. Without them one is made up, which may be somebody's.",
  }),
  seed: z
    .string()
    .regex(/^[\x20-\x7e]{1,100}$/)
    .optional()
    .openapi({ description: 'The same seed makes the same people.' }),
})

const GivenSchema = strict({
  persons: z.array(PersonInput).min(1).max(MAX_BATCH_ITEMS),
  locale: Locale.optional(),
  jurisdiction: Jurisdiction.optional(),
})

const NewParcel = strict({ courier: idSchema('cou'), order_ref: CallerRef })

const PlantSchema = strict({
  party: idSchema('mer').openapi({ description: 'The shop whose tokens these are.' }),
  linkability: z.enum(LINKABILITIES).default('week'),
  made_up: MadeUpSchema.optional(),
  given: GivenSchema.optional(),
  parcels: strict({
    courier: idSchema('cou'),
    order_ref: OrderTemplate.openapi({ description: 'As for `email`.', example: 'SO-{digits}' }),
  })
    .optional()
    .openapi({ description: 'A parcel for each.' }),
})
  .refine(({ made_up: made, given }) => (made === undefined) !== (given === undefined), {
    path: ['made_up'],
    params: { code: 'one_of' },
    error: 'Either `made_up` or `given`.',
  })
  .openapi('NewCanaries')

const ParcelSchema = z.object({
  id: idSchema('shp'),
  waybill: idSchema('wb'),
  grant: idSchema('grt'),
  order_ref: z.string(),
})

const PlantedSchema = z.object({
  items: z.array(
    z.object({
      subject: idSchema('sub'),
      tokens: TokensSchema,
      person: PersonInput,
      parcel: ParcelSchema.optional(),
    }),
  ),
})

const CanarySchema = z
  .object({
    subject: idSchema('sub'),
    party: idSchema('mer'),
    planted_at: TimeOut,
    retired_at: TimeOut.nullable(),
    touches: z.int(),
    touched_at: TimeOut.nullable(),
  })
  .openapi('Canary')

const MAX_ADDRESS = 320
const MAX_SUBJECT = 1_000

const MailSchema = strict({
  to: z.string().min(1).max(MAX_ADDRESS),
  from: z.string().max(MAX_ADDRESS),
  subject: z.string().max(MAX_SUBJECT).optional(),
  at: Time.optional().openapi({ description: 'When it was sent.' }),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .openapi({ description: 'Of the whole mail.' }),
}).openapi('CanaryMail', { description: 'Kept sealed; never in the log.' })

function plantingFrom(body: z.output<typeof PlantSchema>): Planting {
  const { party, linkability, made_up: made, given, parcels } = body
  return {
    party,
    linkability,
    seed: made?.seed,
    people: given ?? made ?? { persons: [] },
    parcels: parcels && { courier: parcels.courier, orderRef: parcels.order_ref },
  }
}

function wireParcel({ orderRef, ...parcel }: NonNullable<Planted['parcel']>) {
  return { ...parcel, order_ref: orderRef }
}

function wireCanary(canary: Canary): z.input<typeof CanarySchema> {
  const { subject, party, plantedAt, retiredAt, touches, touchedAt } = canary
  return {
    subject,
    party,
    planted_at: wireTime(plantedAt) ?? '',
    retired_at: wireTime(retiredAt),
    touches,
    touched_at: wireTime(touchedAt),
  }
}

export const canaryRoutes = [
  endpoint('POST /v1/canaries', {
    summary: 'Plant people who do not exist',
    description:
      'They are stored like anybody, and no answer to a party tells them apart. Whatever touches one raises a signal within a second.',
    body: PlantSchema,
    ok: { status: 201, description: 'Who was planted, with the tokens for the shop.', schema: PlantedSchema },
    errors: ['not_found', 'state_conflict'],
    async handle({ vault, call, body }) {
      const planted = await plant(vault, call, plantingFrom(body))
      const items = planted.map(({ parcel, ...one }) => ({
        ...one,
        ...(parcel && { parcel: wireParcel(parcel) }),
      }))
      return { body: { items } }
    },
  }),

  endpoint('GET /v1/canaries', {
    summary: 'Who is planted',
    query: strict({ ...PAGING, party: idSchema('mer').optional() }),
    ok: {
      status: 200,
      description: 'Those planted last first, retired ones too.',
      schema: listOf(CanarySchema),
    },
    async handle({ vault, call, query }) {
      const { rows, next } = await listCanaries(vault, call.caller, { party: query.party }, pageFrom(query))
      return { body: { items: rows.map(wireCanary), next_cursor: next } }
    },
  }),

  endpoint('DELETE /v1/canaries/{id}', {
    summary: 'Retire a canary',
    description: 'It is erased like anybody who leaves, and touching it raises nothing any more.',
    id: canaryInPath,
    ok: { status: 200, description: 'When.', schema: z.object({ retired_at: TimeOut }) },
    async handle({ vault, call, id }) {
      const { retiredAt } = await retireCanary(vault, call, id)
      return { body: { retired_at: retiredAt } }
    },
  }),

  endpoint('POST /v1/canaries/{id}/parcels', {
    summary: 'Send a canary a parcel',
    description: 'Traffic, as others have it. The platform moves it on from stage to stage.',
    id: canaryInPath,
    body: NewParcel,
    ok: { status: 201, description: 'The parcel.', schema: ParcelSchema },
    errors: ['state_conflict'],
    async handle({ vault, call, id, body }) {
      const { courier, order_ref: orderRef } = body
      return { body: wireParcel(await shipToCanary(vault, call, id, { courier, orderRef })) }
    },
  }),

  endpoint('POST /v1/canaries/mail', {
    summary: "Hand in a mail that came to one of the platform's mailboxes",
    body: MailSchema,
    ok: {
      status: 200,
      description: 'Of how many canaries it was the address.',
      schema: z.object({ canaries: z.int() }),
    },
    async handle({ vault, call, body }) {
      const { to, from, subject, at: sentAt, sha256 } = body
      return { body: await takeMail(vault, call, { to, from, subject, sentAt, sha256 }) }
    },
  }),

  endpoint('GET /v1/canaries/{id}/mail', {
    summary: "What came to a canary's mailbox",
    description: 'Reading it is written down.',
    id: canaryInPath,
    ok: {
      status: 200,
      description: 'The first one first.',
      schema: z.object({
        items: z.array(
          z.object({
            event: idSchema('evt'),
            at: TimeOut,
            from: z.string(),
            subject: z.string().optional(),
            sent_at: TimeOut.optional(),
            sha256: z.string().optional(),
          }),
        ),
      }),
    },
    async handle({ vault, call, id }) {
      const mails = await readMail(vault, call, id)
      const items = mails.map(({ at, sentAt, ...mail }) => ({
        ...mail,
        at: wireTime(at) ?? '',
        ...(sentAt !== undefined && { sent_at: sentAt }),
      }))
      return { body: { items } }
    },
  }),
]
