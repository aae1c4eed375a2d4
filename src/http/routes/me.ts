import { z } from '@hono/zod-openapi'
import { toRfc3339 } from '../../core/time.ts'
import { listGrants, revokeGrant } from '../../vault/grants/service.ts'
import { exportOwn, listOwnAccesses, viewOwn } from '../../vault/person/service.ts'
import type { Access, OwnData, OwnExport } from '../../vault/person/service.ts'
import { endSession } from '../../vault/principals/session.ts'
import { correct } from '../../vault/records/correct.ts'
import { erase } from '../../vault/records/erase.ts'
import { endpoint } from '../endpoint.ts'
import { PartyIdSchema, idSchema, pathId } from '../schemas/ids.ts'
import { AddressSchema, ViewsSchema } from '../schemas/person.ts'
import { OwnNoticeSchema, wireOwnNotice } from '../schemas/notices.ts'
import { strict } from '../schemas/strict.ts'
import { PagingQuery, Reason, TimeOut, listOf, pageFrom } from '../schemas/words.ts'
import { GrantSchema, RevokedSchema, grantPage, wireGrant, wireRevoked } from './grants.ts'
import { CorrectedSchema, CorrectionSchema, ErasedSchema, wireErased } from './people.ts'

const OWN_DATA = {
  subject: idSchema('sub'),
  locale: z.string().nullable(),
  jurisdiction: z.string().nullable(),
  name: z.string().nullable(),
  phone: z.string().nullable(),
  email: z.string().nullable(),
  address: AddressSchema.nullable(),
}

const MeSchema = z.object(OWN_DATA).openapi('Me')
type Me = z.input<typeof MeSchema>

/** The one place where a person's own values leave. */
function wireOwn({ subject, locale, jurisdiction, fields }: OwnData): Me {
  const { name = null, phone = null, email = null, address = null } = fields.exposeSecret() as Partial<Me>
  return { subject: subject as Me['subject'], locale, jurisdiction, name, phone, email, address }
}

const AccessSchema = z
  .object({
    event: idSchema('evt'),
    at: TimeOut,
    type: z.string(),
    party: z
      .object({ id: PartyIdSchema, name: z.string(), kind: z.enum(['merchant', 'courier']) })
      .nullable()
      .openapi({ description: 'Null where it was the person.' }),
    operator: z.object({ id: z.string().optional(), device: z.string().optional() }).nullable(),
    purpose: z.string().nullable(),
    decision: z.string().nullable(),
    code: z.string().optional(),
    fields: ViewsSchema,
    order_ref: z.string().nullable(),
    shipment: idSchema('shp').optional(),
  })
  .openapi('Access')

function wireAccess({ orderRef, ...access }: Access): z.input<typeof AccessSchema> {
  const { operator = null, purpose = null, decision = null } = access
  const fields = access.fields as z.input<typeof ViewsSchema>
  return { ...access, fields, operator, purpose, decision, order_ref: orderRef ?? null }
}

const ExportSchema = z.object({
  ...OWN_DATA,
  exported_at: TimeOut,
  grants: z.array(GrantSchema),
  shipments: z.array(
    z.object({
      id: idSchema('shp'),
      waybill: idSchema('wb'),
      merchant: idSchema('mer'),
      courier: idSchema('cou'),
      stage: z.string(),
      created_at: TimeOut,
    }),
  ),
  notes: z.array(z.object({ at: TimeOut, text: z.string() })),
  notices: z.array(OwnNoticeSchema),
  accesses: z.array(AccessSchema),
  activity: z.array(AccessSchema),
})

function wireExport(whole: OwnExport): z.input<typeof ExportSchema> {
  const { exportedAt, grants, shipments, notes, notices, accesses, activity, ...own } = whole
  return {
    ...wireOwn(own),
    exported_at: exportedAt,
    grants: grants.map(wireGrant),
    shipments: shipments.map(({ id, waybill, merchant, courier, stage, createdAt }) => {
      return { id, waybill, merchant, courier, stage, created_at: toRfc3339(createdAt) }
    }),
    notes: notes.map(({ at, text }) => ({ at, text: text.exposeSecret() })),
    notices: notices.map(wireOwnNotice),
    accesses: accesses.map(wireAccess),
    activity: activity.map(wireAccess),
  }
}

export const meRoutes = [
  endpoint('GET /v1/me', {
    summary: 'My fields, in full',
    ok: { status: 200, description: 'A field without a value is null.', schema: MeSchema },
    errors: ['not_found'],
    async handle({ vault, call }) {
      return { body: wireOwn(await viewOwn(vault, call.caller)) }
    },
  }),

  endpoint('PATCH /v1/me', {
    summary: 'Correct my fields',
    body: CorrectionSchema,
    ok: { status: 200, description: 'Live tokens follow the new values.', schema: CorrectedSchema },
    errors: ['not_found'],
    async handle({ vault, call, body }) {
      return { body: await correct(vault, call, call.caller.subject, body.person) }
    },
  }),

  endpoint('GET /v1/me/accesses', {
    summary: 'Who saw what of me',
    query: PagingQuery,
    ok: { status: 200, description: 'Newest first.', schema: listOf(AccessSchema) },
    async handle({ vault, call, query }) {
      const { rows, next } = await listOwnAccesses(vault, call.caller, pageFrom(query))
      return { body: { items: rows.map(wireAccess), next_cursor: next } }
    },
  }),

  endpoint('GET /v1/me/grants', {
    summary: 'Who may see what of me',
    query: PagingQuery,
    ok: { status: 200, description: 'Live, ended and revoked ones.', schema: listOf(GrantSchema) },
    errors: ['not_found'],
    async handle({ vault, call, query }) {
      return { body: grantPage(await listGrants(vault, call.caller, call.caller.subject), pageFrom(query)) }
    },
  }),

  endpoint('POST /v1/me/grants/{id}/revoke', {
    summary: 'Stop a party from seeing me',
    id: pathId('grt', 'grant'),
    body: strict({ reason: Reason.optional() }),
    bodyOptional: true,
    ok: { status: 200, description: 'The receipt, with all that it stopped.', schema: RevokedSchema },
    errors: ['state_conflict'],
    async handle({ vault, call, id, body }) {
      return { body: wireRevoked(await revokeGrant(vault, call, id, body.reason)) }
    },
  }),

  endpoint('GET /v1/me/export', {
    summary: 'Everything held on me, in one JSON',
    ok: {
      status: 200,
      description: 'Data, permissions, parcels, notes, notices, every access.',
      schema: ExportSchema,
    },
    errors: ['not_found'],
    async handle({ vault, call }) {
      return { body: wireExport(await exportOwn(vault, call.caller)) }
    },
  }),

  endpoint('POST /v1/me/erasure', {
    summary: 'Erase me',
    description:
      'Destroys my key, retires all tokens and revokes all grants, in one step. Nothing brings it back.',
    ok: { status: 200, description: 'The receipt.', schema: ErasedSchema },
    errors: ['not_found'],
    async handle({ vault, call }) {
      return { body: wireErased(await erase(vault, call, call.caller.subject)) }
    },
  }),

  endpoint('DELETE /v1/me/session', {
    summary: 'Sign out',
    ok: { status: 204, description: 'The session that made this call is ended.', schema: z.undefined() },
    async handle({ vault, call }) {
      await endSession(vault, call, call.caller.session)
      return { body: undefined }
    },
  }),
]
