import { z } from '@hono/zod-openapi'
import {
  createParty,
  findParty,
  issueCredential,
  listParties,
  revokeCredential,
  setPartyStatus,
} from '../../vault/principals/service.ts'
import type { NewParty, PartyView } from '../../vault/principals/service.ts'
import { toRfc3339 } from '../../core/time.ts'
import { endpoint } from '../endpoint.ts'
import { PartyIdSchema, idSchema, partyInPath, pathId } from '../schemas/ids.ts'
import { strict } from '../schemas/strict.ts'
import { Line, PAGING, Reason, TimeOut, listOf, pageFrom } from '../schemas/words.ts'

const Kind = z.enum(['merchant', 'courier'])
const Status = z.enum(['pending', 'active', 'suspended', 'terminated'])

const PartySchema = z
  .object({
    id: PartyIdSchema,
    kind: Kind,
    name: z.string(),
    registration_number: z.string().nullable(),
    contact: z.string().nullable(),
    status: Status,
    created_at: TimeOut,
  })
  .openapi('Party')

function wireParty(party: PartyView): z.input<typeof PartySchema> {
  const { id, kind, name, registrationNumber, contact, status, createdAt } = party
  return {
    id,
    kind,
    name,
    registration_number: registrationNumber,
    contact,
    status,
    created_at: toRfc3339(createdAt),
  }
}

const NewPartySchema = strict({
  kind: Kind,
  name: Line.openapi({ example: 'Example Shop' }),
  registration_number: Line.optional(),
  contact: z.string().min(1).max(1_000).optional().openapi({ description: 'Kept sealed.' }),
}).openapi('NewParty')

function newParty(body: z.output<typeof NewPartySchema>): NewParty {
  const { kind, name, registration_number: registrationNumber, contact } = body
  return {
    kind,
    name,
    ...(registrationNumber !== undefined && { registrationNumber }),
    ...(contact !== undefined && { contact }),
  }
}

const PartyQuery = strict({ ...PAGING, kind: Kind.optional(), status: Status.optional() })

const CredentialSchema = z
  .object({
    id: idSchema('key'),
    secret: z.string().openapi({ description: 'Shown this once: the vault keeps a hash of it.' }),
  })
  .openapi('IssuedCredential')

export const partyRoutes = [
  endpoint('POST /v1/parties', {
    summary: 'Take on a shop or a courier',
    body: NewPartySchema,
    ok: { status: 201, description: 'The party, pending.', schema: PartySchema },
    async handle({ vault, call, body }) {
      return { body: wireParty(await createParty(vault, call, newParty(body))) }
    },
  }),

  endpoint('GET /v1/parties', {
    summary: 'List shops and couriers',
    query: PartyQuery,
    ok: { status: 200, description: 'Oldest first.', schema: listOf(PartySchema) },
    async handle({ vault, call, query }) {
      const { kind, status } = query
      const filter = { ...(kind && { kind }), ...(status && { status }) }
      const { rows, next } = await listParties(vault, call.caller, filter, pageFrom(query))
      return { body: { items: rows.map(wireParty), next_cursor: next } }
    },
  }),

  endpoint('GET /v1/parties/{id}', {
    summary: 'One shop or courier',
    id: partyInPath,
    ok: { status: 200, description: 'The party.', schema: PartySchema },
    async handle({ vault, call, id }) {
      return { body: wireParty(await findParty(vault, call.caller, id)) }
    },
  }),

  endpoint('POST /v1/parties/{id}/status', {
    summary: 'Activate, suspend or terminate a party',
    description: 'pending → active ⇄ suspended → terminated. Its credentials work only while it is active.',
    id: partyInPath,
    body: strict({ status: z.enum(['active', 'suspended', 'terminated']), reason: Reason }),
    ok: { status: 200, description: 'The party as it is now.', schema: PartySchema },
    errors: ['state_conflict'],
    async handle({ vault, call, id, body }) {
      return { body: wireParty(await setPartyStatus(vault, call, id, body)) }
    },
  }),

  endpoint('POST /v1/parties/{id}/credentials', {
    summary: 'Issue a credential to a party',
    id: partyInPath,
    body: strict({ label: Line }),
    ok: { status: 201, description: 'The credential, with its secret.', schema: CredentialSchema },
    errors: ['state_conflict'],
    async handle({ vault, call, id, body }) {
      return { body: await issueCredential(vault, call, id, body.label) }
    },
  }),

  endpoint('DELETE /v1/credentials/{id}', {
    summary: 'Revoke a credential',
    description: 'Dead on the next request. Revoking it again changes nothing.',
    id: pathId('key', 'credential'),
    ok: { status: 204, description: 'Revoked.', schema: z.undefined() },
    async handle({ vault, call, id }) {
      await revokeCredential(vault, call, id)
      return { body: undefined }
    },
  }),
]
