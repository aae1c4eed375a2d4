import { z } from '@hono/zod-openapi'
import { parseTenantId } from '../../core/id.ts'
import type { TenantId } from '../../core/id.ts'
import { PROOF_READY_WITHIN_S, proveEvent, publicCheckpoint } from '../../vault/log/proofs.ts'
import { logVerifierKey } from '../../vault/log/signer.ts'
import { parseTile, readTile } from '../../vault/log/tiles.ts'
import { endpoint } from '../endpoint.ts'
import type { PathId } from '../endpoint.ts'
import { pathId } from '../schemas/ids.ts'

const tenantInPath: PathId<TenantId> = { what: 'tenant', prefixes: [], parse: parseTenantId }

/** A tile never changes: a wider one has another name. */
const FOR_EVER = { 'cache-control': 'public, max-age=31536000, immutable' }
const ASK_EACH_TIME = { 'cache-control': 'no-cache' }
const TEXT = 'text/plain; charset=utf-8'

export const logRoutes = [
  endpoint('GET /v1/events/{id}/proof', {
    summary: "The event's proof",
    description: `\`c2sp.org/tlog-proof@v1\`: checks offline against the leaf's bytes and the log's key.`,
    id: pathId('evt', 'event'),
    ok: { status: 200, description: 'The proof.', schema: z.string(), type: 'text/plain' },
    later: 'No checkpoint covers the event yet; `Retry-After` says when one will.',
    async handle({ vault, call, id }) {
      const proof = await proveEvent(vault, call.caller, id)
      if (proof === undefined)
        return { later: true, headers: { 'retry-after': String(PROOF_READY_WITHIN_S) } }
      return { body: proof }
    },
  }),

  endpoint('GET /log/{tenant}/checkpoint', {
    summary: "The log's newest checkpoint",
    description: '`c2sp.org/tlog-checkpoint`, with the cosignatures of witnesses where there are any.',
    id: tenantInPath,
    ok: { status: 200, description: 'A signed note.', schema: z.string(), type: TEXT },
    async handle({ vault, id }) {
      return { body: await publicCheckpoint(vault, id), headers: ASK_EACH_TIME }
    },
  }),

  endpoint('GET /log/{tenant}/tile/{rest}', {
    summary: "A tile of the log's tree",
    description:
      '`c2sp.org/tlog-tiles`: `<level>/<index>` or, for a partial one, `<level>/<index>.p/<width>`.',
    id: tenantInPath,
    rest: { what: 'tile', parse: parseTile },
    ok: {
      status: 200,
      description: '32 bytes for each of its hashes.',
      schema: z.any().openapi({ type: 'string', format: 'binary' }),
      type: 'application/octet-stream',
    },
    async handle({ vault, id, rest }) {
      return { bytes: await readTile(vault, id, rest), headers: FOR_EVER }
    },
  }),

  endpoint('GET /log/{tenant}/vkey', {
    summary: 'The key that checks the checkpoints',
    description:
      'A verifier key of `c2sp.org/signed-note`. Get it once over a way that you trust, and keep it.',
    id: tenantInPath,
    ok: { status: 200, description: 'One line.', schema: z.string(), type: TEXT },
    async handle({ vault, id }) {
      return { body: `${await logVerifierKey(vault, id)}\n`, headers: ASK_EACH_TIME }
    },
  }),
]
