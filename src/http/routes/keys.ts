import { z } from '@hono/zod-openapi'
import { toRfc3339 } from '../../core/time.ts'
import { approveDestruction, askDestruction, findDestruction } from '../../vault/keys/destroy.ts'
import { listKeyVersions } from '../../vault/keys/versions.ts'
import type { KeyDestruction } from '../../vault/keys/rotation.ts'
import { KEY_KINDS } from '../../vault/keys/tenant-key.ts'
import { endpoint, wireTime } from '../endpoint.ts'
import { idSchema, pathId } from '../schemas/ids.ts'
import { strict } from '../schemas/strict.ts'
import { TimeOut } from '../schemas/words.ts'

const Kind = z.enum(KEY_KINDS)
const Version = z.int().min(1).max(1_000_000_000)

const KeyVersionSchema = z
  .object({
    kind: Kind,
    version: Version,
    state: z.enum(['primary', 'active', 'retired', 'destroyed']),
    created_at: TimeOut,
  })
  .openapi('KeyVersion')

const DestructionSchema = z
  .object({
    id: idSchema('req'),
    kind: Kind,
    version: Version,
    asked_by: idSchema('key'),
    asked_at: TimeOut,
    expires_at: TimeOut,
    approved_by: idSchema('key').nullable(),
    approved_at: TimeOut.nullable(),
  })
  .openapi('KeyDestruction')

function wireDestruction(destruction: KeyDestruction): z.input<typeof DestructionSchema> {
  const { id, kind, version, askedBy, askedAt, expiresAt, approvedBy, approvedAt } = destruction
  return {
    id,
    kind,
    version,
    asked_by: askedBy,
    asked_at: toRfc3339(askedAt),
    expires_at: toRfc3339(expiresAt),
    approved_by: approvedBy,
    approved_at: wireTime(approvedAt),
  }
}

const requestInPath = pathId('req', 'request')

export const keyRoutes = [
  endpoint('GET /v1/keys', {
    summary: "The versions of the tenant's keys",
    description:
      'All of them; no key is among what is shown. Rotating them is the work of whoever runs the vault.',
    ok: {
      status: 200,
      description: 'By kind and version.',
      schema: z.object({ items: z.array(KeyVersionSchema) }),
    },
    async handle({ vault, call }) {
      const versions = await listKeyVersions(vault, call.caller.tenant)
      const items = versions.map(({ createdAt, ...one }) => ({ ...one, created_at: toRfc3339(createdAt) }))
      return { body: { items } }
    },
  }),

  endpoint('POST /v1/keys/destructions', {
    summary: 'Ask for the destruction of a retired key version',
    description:
      'Nothing happens until another credential of the platform approves, within 24 hours. A version of `log` or `session` that was followed by another may go before it is retired.',
    body: strict({ kind: Kind, version: Version }).openapi('NewKeyDestruction'),
    ok: { status: 201, description: 'The request.', schema: DestructionSchema },
    errors: ['not_found', 'state_conflict'],
    async handle({ vault, call, body }) {
      return { body: wireDestruction(await askDestruction(vault, call, body)) }
    },
  }),

  endpoint('GET /v1/keys/destructions/{id}', {
    summary: 'One request to destroy a key version',
    id: requestInPath,
    ok: { status: 200, description: 'The request.', schema: DestructionSchema },
    async handle({ vault, call, id }) {
      return { body: wireDestruction(await findDestruction(vault, call.caller, id)) }
    },
  }),

  endpoint('POST /v1/keys/destructions/{id}/approve', {
    summary: 'Destroy the key version that somebody else asked to destroy',
    description:
      'For good: its bytes are in none of the vault’s files once this is answered. Backups hold what they held.',
    id: requestInPath,
    ok: { status: 200, description: 'The request, approved and carried out.', schema: DestructionSchema },
    errors: ['approval_own', 'state_conflict'],
    async handle({ vault, call, id }) {
      return { body: wireDestruction(await approveDestruction(vault, call, id)) }
    },
  }),
]
