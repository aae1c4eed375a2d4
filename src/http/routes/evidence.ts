import { z } from '@hono/zod-openapi'
import { evidenceOf } from '../../vault/log/evidence.ts'
import type { Evidence } from '../../vault/log/evidence.ts'
import { endpoint } from '../endpoint.ts'
import { idSchema, pathId } from '../schemas/ids.ts'
import { TimeOut } from '../schemas/words.ts'

const EvidenceSchema = z
  .object({
    cloakroom: z.literal('evidence'),
    version: z.literal(1),
    tenant: z.string(),
    subject: idSchema('sub'),
    made_at: TimeOut,
    vkey: z.string().openapi({ description: "The log's verifier key; compare it with one got elsewhere." }),
    checkpoint: z.string().openapi({ description: 'A signed note, with cosignatures where there are any.' }),
    statement: z.string().openapi({
      description: "The log's signed count and digest of the entries: a row that was left out shows.",
    }),
    entries: z.array(
      z.object({
        event: idSchema('evt'),
        index: z.int(),
        leaf: z.string().openapi({ description: 'Base64 of the canonical bytes.' }),
        subject_salt: z.string(),
        proof: z.array(z.string()),
      }),
    ),
  })
  .openapi('Evidence')

const DESCRIPTION =
  'All events about the person, each with its leaf and proof. `cloakroom verify` checks it offline, without trusting this service.'

const ok = { status: 200, description: 'The bundle.', schema: EvidenceSchema } as const

function wireEvidence({ entries, ...rest }: Evidence): z.input<typeof EvidenceSchema> {
  return { ...rest, entries: entries.map((entry) => ({ ...entry, proof: [...entry.proof] })) }
}

export const evidenceRoutes = [
  endpoint('GET /v1/subjects/{id}/evidence', {
    summary: 'What the log holds of a person, to check offline',
    description: DESCRIPTION,
    id: pathId('sub', 'person'),
    ok,
    async handle({ vault, call, id }) {
      return { body: wireEvidence(await evidenceOf(vault, call.caller, id)) }
    },
  }),

  endpoint('GET /v1/me/evidence', {
    summary: 'What the log holds of me, to check offline',
    description: DESCRIPTION,
    ok,
    errors: ['not_found'],
    async handle({ vault, call }) {
      return { body: wireEvidence(await evidenceOf(vault, call.caller, call.caller.subject)) }
    },
  }),
]
