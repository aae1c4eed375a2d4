import { z } from '@hono/zod-openapi'
import { VaultError } from '../../core/errors.ts'
import { parseTenantId } from '../../core/id.ts'
import { sessionJwks } from '../../vault/principals/session.ts'
import { notFound } from '../../vault/transact.ts'
import type { Vault } from '../../vault/vault.ts'
import { docsPage, docsStyle } from '../docs/page.ts'
import type { OpenApiDocument } from '../openapi.ts'
import { endpoint } from '../endpoint.ts'
import type { Endpoint } from '../endpoint.ts'
import type { HttpMetrics } from '../metrics.ts'

export type Readiness = () => Promise<Record<'store' | 'log' | 'keys', boolean>>

export type ServiceParts = { readiness: Readiness; metrics: HttpMetrics; document: () => OpenApiDocument }

/** The tenant whose keys stand at the service's own well-known path. */
const FIRST_TENANT = 'default'

/** Keys change rarely, and old ones stay while a token of theirs may live. */
const JWKS_HEADERS = { 'cache-control': 'public, max-age=300' }

/** The page has its own stylesheet and nothing else: no script, no font, no picture from anywhere. */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}

const JwksSchema = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: z.string(),
      kid: z.string(),
      alg: z.literal('EdDSA'),
      use: z.literal('sig'),
    }),
  ),
})

async function jwksOf(vault: Vault, name: string) {
  const tenant = parseTenantId(name)
  if (!tenant || !(await vault.store.findTenant(tenant))) throw notFound('tenant')
  const { keys } = await sessionJwks(vault, tenant)
  return { body: { keys: [...keys] }, headers: JWKS_HEADERS }
}

const Checks = z.object({ store: z.boolean(), log: z.boolean(), keys: z.boolean() })

async function readyOrNot(readiness: Readiness): Promise<z.input<typeof Checks>> {
  const checks = await readiness()
  const failing = Object.entries(checks).flatMap(([name, ok]) => (ok ? [] : [name]))
  if (failing.length === 0) return checks
  const errors = failing.map((name) => ({ pointer: `/checks/${name}`, code: 'unavailable' }))
  throw new VaultError('unavailable', `Not ready: ${failing.join(', ')}.`, { errors })
}

function healthRoutes({ readiness, metrics }: ServiceParts): Endpoint[] {
  return [
    endpoint('GET /healthz', {
      summary: 'Whether the process serves',
      ok: { status: 200, description: 'It does.', schema: z.object({ status: z.literal('ok') }) },
      async handle() {
        return { body: { status: 'ok' as const } }
      },
    }),
    endpoint('GET /readyz', {
      summary: 'Whether store, log and keys answer',
      description: 'If not, 503 names which.',
      ok: {
        status: 200,
        description: 'All do.',
        schema: z.object({ status: z.literal('ok'), checks: Checks }),
      },
      async handle() {
        return { body: { status: 'ok' as const, checks: await readyOrNot(readiness) } }
      },
    }),
    endpoint('GET /metrics', {
      summary: 'Figures for Prometheus',
      ok: {
        status: 200,
        description: 'Text format 0.0.4.',
        schema: z.string(),
        type: 'text/plain; version=0.0.4',
      },
      async handle() {
        return { body: await metrics.render() }
      },
    }),
  ]
}

function documentRoutes({ document }: ServiceParts): Endpoint[] {
  return [
    endpoint('GET /openapi.json', {
      summary: 'This document',
      ok: { status: 200, description: 'OpenAPI 3.1.', schema: z.any().openapi({ type: 'object' }) },
      async handle() {
        return { body: document() }
      },
    }),
    endpoint('GET /docs', {
      summary: 'This document as a page',
      ok: { status: 200, description: 'A page.', schema: z.string(), type: 'text/html; charset=utf-8' },
      async handle() {
        return { body: docsPage(document()), headers: PAGE_HEADERS }
      },
    }),
    endpoint('GET /docs/style.css', {
      summary: "The page's style",
      ok: { status: 200, description: 'A stylesheet.', schema: z.string(), type: 'text/css; charset=utf-8' },
      async handle() {
        return { body: docsStyle }
      },
    }),
  ]
}

function keyRoutes(): Endpoint[] {
  return [
    endpoint('GET /.well-known/jwks.json', {
      summary: 'Public keys of session tokens, of the first tenant',
      ok: { status: 200, description: 'RFC 7517.', schema: JwksSchema },
      errors: ['not_found'],
      async handle({ vault }) {
        return jwksOf(vault, FIRST_TENANT)
      },
    }),
    endpoint('GET /t/{tenant}/.well-known/jwks.json', {
      summary: 'Public keys of session tokens, of one tenant',
      id: { what: 'tenant', prefixes: [], parse: parseTenantId },
      ok: { status: 200, description: 'RFC 7517.', schema: JwksSchema },
      async handle({ vault, id }) {
        return jwksOf(vault, id)
      },
    }),
  ]
}

export function serviceRoutes(parts: ServiceParts): Endpoint[] {
  return [...healthRoutes(parts), ...documentRoutes(parts), ...keyRoutes()]
}
