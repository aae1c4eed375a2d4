import { z } from '@hono/zod-openapi'
import type { RouteConfig } from '@hono/zod-openapi'
import type { ErrorCode } from '../core/errors.ts'
import { audienceOf, isPublic } from './access.ts'
import type { RouteName } from './access.ts'
import type { PathId, QuotaHeader } from './endpoint.ts'
import { PROBLEMS } from './problem.ts'
import { ProblemSchema } from './schemas/problem.ts'

type Described = {
  summary: string
  description?: string
  id?: PathId<unknown>
  body?: z.ZodType
  bodyOptional?: boolean
  query?: z.ZodType
  ok: {
    status: number
    description: string
    schema: z.ZodType
    type?: string
    otherTypes?: readonly string[]
    headers?: readonly QuotaHeader[]
  }
  later?: string
  errors?: readonly ErrorCode[]
}

const CALLERS = {
  anyone: 'anyone',
  platform: 'the platform',
  merchant: 'a shop',
  courier: 'a courier',
  person: 'the person',
} as const

const QUOTA_HEADERS: Record<QuotaHeader, { description: string; schema: { type: 'string' } }> = {
  'RateLimit-Policy': { description: '`"day";q=<limit>;w=86400`', schema: { type: 'string' } },
  RateLimit: {
    description: '`"day";r=<remaining>;t=<seconds until the day ends>`',
    schema: { type: 'string' },
  },
}

/** What the document says of a route: its own words, and all that follows from its shape. */
export function describeRoute(
  name: RouteName,
  method: string,
  path: string,
  spec: Described,
): RouteConfig & { path: string } {
  const callers = audienceOf(name).map((kind) => CALLERS[kind])
  return {
    method: method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete',
    path,
    operationId: operationId(method, path),
    tags: [tagOf(path)],
    summary: spec.summary,
    description: [spec.description, `For ${callers.join(', ')}.`].filter(Boolean).join('\n\n'),
    security: isPublic(name) ? [] : [{ bearer: [] }],
    request: requestOf(method, path, spec),
    responses: {
      [spec.ok.status]: successOf(spec),
      ...(spec.later !== undefined && { 202: { description: spec.later } }),
      ...problemsOf(name, method, spec),
    },
  }
}

function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '' && word !== 'v1')
  return [method.toLowerCase(), ...words].join('_')
}

function tagOf(path: string): string {
  const noun = /^\/v1\/([a-z]+)/.exec(path)?.[1]
  return noun ?? 'service'
}

function requestOf(method: string, path: string, spec: Described): NonNullable<RouteConfig['request']> {
  const headers = method === 'POST' ? { headers: IDEMPOTENCY } : {}
  const json = spec.body && {
    body: { required: !spec.bodyOptional, content: { 'application/json': { schema: spec.body } } },
  }
  const params = path.includes('{') ? { params: pathParams(path, spec.id) } : {}
  const query = spec.query instanceof z.ZodObject ? { query: spec.query } : {}
  return { ...headers, ...json, ...params, ...query }
}

const IDEMPOTENCY = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/)
    .optional()
    .openapi({
      param: { name: 'Idempotency-Key', in: 'header' },
      description:
        'Repeating the request with the same key within 24 h has its effect once. Failures are not kept.',
    }),
})

function pathParams(path: string, id: PathId<unknown> | undefined): z.ZodObject {
  const names = [...path.matchAll(/\{([a-z]+)\}/g)].map(([, name = '']) => name)
  const prefixes = id?.prefixes.map((prefix) => `\`${prefix}_…\``).join(' or ')
  const described = (name: string) =>
    id && name === 'id' ? `The ${id.what}'s id: ${prefixes}.` : `The ${name}.`
  return z.object(
    Object.fromEntries(
      names.map((name) => [
        name,
        z.string().openapi({ param: { name, in: 'path' }, description: described(name) }),
      ]),
    ),
  )
}

const BYTES = z.any().openapi({ type: 'string', format: 'binary' })

function successOf({ ok }: Described): RouteConfig['responses'][number] {
  const { status, description, schema, type = 'application/json', otherTypes = [], headers } = ok
  if (status === 204) return { description }
  const others = otherTypes.map((other) => [other, { schema: BYTES }] as const)
  const content = { [type]: { schema }, ...Object.fromEntries(others) }
  if (!headers) return { description, content }
  return {
    description,
    content,
    headers: Object.fromEntries(headers.map((header) => [header, QUOTA_HEADERS[header]])),
  }
}

function problemsOf(name: RouteName, method: string, spec: Described): RouteConfig['responses'] {
  const byStatus = Map.groupBy(codesOf(name, method, spec), (code) => PROBLEMS[code].status)
  const entries = [...byStatus].map(([status, codes]) => {
    const description = codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('\n\n')
    return [
      status,
      { description, content: { 'application/problem+json': { schema: ProblemSchema } } },
    ] as const
  })
  return Object.fromEntries(entries.toSorted(([a], [b]) => a - b))
}

const READING_A_BODY: readonly ErrorCode[] = ['invalid_json', 'body_too_large', 'unsupported_media_type']
const WRITING: readonly ErrorCode[] = ['conflict', 'log_unavailable']
const REPEATING: readonly ErrorCode[] = ['idempotency_in_flight', 'idempotency_key_reused']

function codesOf(name: RouteName, method: string, spec: Described): readonly ErrorCode[] {
  const takesBody = method === 'POST' || method === 'PUT' || method === 'PATCH'
  return [
    'invalid_request',
    ...(takesBody ? READING_A_BODY : []),
    // A party that is not active is told so before the route is looked at.
    ...(isPublic(name) ? [] : (['unauthenticated', 'forbidden', 'party_not_active'] as const)),
    ...(spec.id ? (['not_found'] as const) : []),
    ...(method === 'GET' ? [] : WRITING),
    ...(method === 'POST' ? REPEATING : []),
    ...(spec.errors ?? []),
    ...(isPublic(name) ? [] : (['sealed'] as const)),
    ...(['unavailable', 'tenant_moving', 'shutting_down', 'internal'] as const),
  ]
}
