import { z } from '@hono/zod-openapi'
import { VaultError } from '../../core/errors.ts'
import { toRfc3339 } from '../../core/time.ts'
import { BASES } from '../../vault/grants/grant.ts'
import type { FieldViews, Grant } from '../../vault/grants/grant.ts'
import { giveGrant, listGrants, revokeGrant } from '../../vault/grants/service.ts'
import type { NewGrant, Revoked } from '../../vault/grants/service.ts'
import type { Page } from '../../vault/store.ts'
import { endpoint, wireTime } from '../endpoint.ts'
import { PartyIdSchema, idSchema, pathId } from '../schemas/ids.ts'
import { ViewsSchema } from '../schemas/person.ts'
import { strict } from '../schemas/strict.ts'
import { PAGING, PurposeSchema, Reason, Time, TimeOut, listOf, pageFrom } from '../schemas/words.ts'

export const GrantSchema = z
  .object({
    id: idSchema('grt'),
    subject: idSchema('sub'),
    party: PartyIdSchema,
    purpose: PurposeSchema,
    fields: ViewsSchema,
    basis: z.enum(BASES),
    origin: z.enum(['tokenize', 'shipment', 'platform']),
    shipment: idSchema('shp').nullable(),
    from: TimeOut,
    until: TimeOut.nullable(),
    uses_max: z.int().nullable(),
    uses: z.int(),
    revoked_at: TimeOut.nullable(),
    created_at: TimeOut,
  })
  .openapi('Grant')

export function wireGrant(grant: Grant): z.input<typeof GrantSchema> {
  const { id, subject, party, purpose, fields, basis, origin, shipment, uses } = grant
  return {
    id,
    subject,
    party,
    purpose,
    fields: fields,
    basis,
    origin,
    shipment,
    from: toRfc3339(grant.from),
    until: wireTime(grant.until),
    uses_max: grant.usesMax,
    uses,
    revoked_at: wireTime(grant.revokedAt),
    created_at: toRfc3339(grant.createdAt),
  }
}

export const RevokedSchema = z
  .object({
    revoked_at: TimeOut,
    event: idSchema('evt'),
    tokens_retired: z.int(),
    shipments_affected: z.array(idSchema('shp')),
  })
  .openapi('Revoked')

export function wireRevoked(receipt: Revoked): z.input<typeof RevokedSchema> {
  const { revokedAt, event, tokensRetired, shipmentsAffected } = receipt
  return {
    revoked_at: revokedAt,
    event,
    tokens_retired: tokensRetired,
    shipments_affected: [...shipmentsAffected],
  }
}

/** A person's grants are few and read whole; a page is cut from them, after the grant that the cursor names. */
export function grantPage(grants: readonly Grant[], page: Page) {
  const before = page.after === undefined ? -1 : grants.findIndex(({ id }) => id === page.after)
  if (page.after !== undefined && before === -1) {
    throw new VaultError('invalid_request', 'The cursor is not one that this list gave out.')
  }
  const rows = grants.slice(before + 1, before + 1 + page.limit)
  const more = grants.length > before + 1 + page.limit
  return { items: rows.map(wireGrant), next_cursor: more ? (rows.at(-1)?.id ?? null) : null }
}

const MAX_USES = 1_000_000_000

const NewGrantSchema = strict({
  subject: idSchema('sub'),
  party: PartyIdSchema,
  purpose: PurposeSchema,
  fields: ViewsSchema,
  basis: z.enum(BASES),
  from: Time.optional(),
  until: Time,
  uses_max: z.int().min(1).max(MAX_USES).optional(),
}).openapi('NewGrant')

function newGrant(body: z.output<typeof NewGrantSchema>): NewGrant {
  const { subject, party, purpose, basis, from, until, uses_max: usesMax } = body
  return {
    subject,
    party,
    purpose,
    fields: givenViews(body.fields),
    basis,
    until,
    ...(from !== undefined && { from }),
    ...(usesMax !== undefined && { usesMax }),
  }
}

function givenViews(fields: z.output<typeof ViewsSchema>): FieldViews {
  return Object.fromEntries(Object.entries(fields).filter(([, view]) => view !== undefined))
}

export const grantRoutes = [
  endpoint('GET /v1/grants', {
    summary: "A person's grants",
    query: strict({ ...PAGING, subject: idSchema('sub') }),
    ok: { status: 200, description: 'Live, ended and revoked ones.', schema: listOf(GrantSchema) },
    errors: ['not_found'],
    async handle({ vault, call, query }) {
      return { body: grantPage(await listGrants(vault, call.caller, query.subject), pageFrom(query)) }
    },
  }),

  endpoint('POST /v1/grants', {
    summary: 'Allow a party to see something of a person',
    body: NewGrantSchema,
    ok: { status: 201, description: 'The grant.', schema: GrantSchema },
    errors: ['not_found', 'state_conflict'],
    async handle({ vault, call, body }) {
      return { body: wireGrant(await giveGrant(vault, call, newGrant(body))) }
    },
  }),

  endpoint('POST /v1/grants/{id}/revoke', {
    summary: 'End a grant',
    id: pathId('grt', 'grant'),
    body: strict({ reason: Reason }),
    ok: { status: 200, description: 'The receipt, with all that it stopped.', schema: RevokedSchema },
    errors: ['state_conflict'],
    async handle({ vault, call, id, body }) {
      return { body: wireRevoked(await revokeGrant(vault, call, id, body.reason)) }
    },
  }),
]
