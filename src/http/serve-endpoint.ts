import type { Context } from 'hono'
import { VaultError, isVaultError } from '../core/errors.ts'
import type { Secret } from '../core/secret.ts'
import { authenticate } from '../vault/principals/authenticate.ts'
import type { Caller } from '../vault/principals/principal.ts'
import { logRefusal } from '../vault/audit/record.ts'
import { notFound } from '../vault/transact.ts'
import type { Vault } from '../vault/vault.ts'
import { isPublic, requireAccess } from './access.ts'
import { answerOf, problemAnswer } from './answer.ts'
import type { Answer, Asked, Endpoint } from './endpoint.ts'
import { describeError } from './log.ts'
import type { Log } from './log.ts'
import type { HttpMetrics } from './metrics.ts'
import { bearerOf } from './middleware/bearer.ts'
import { claimFor, idempotencyKeyOf } from './middleware/claim.ts'
import { parseJson } from './middleware/parse-json.ts'
import { readBody } from './middleware/read-body.ts'
import { requestIdOf } from './middleware/request-id.ts'
import { validate } from './middleware/validate.ts'
import { toProblem } from './problem.ts'

export type Serving = {
  vault: Vault
  log: Log
  metrics: HttpMetrics
  /** Whether the root key is missing: then nothing under /v1 is answered. */
  sealed?: () => boolean
  /** Awaited between a body's arrival and the work on it: where a runtime can make requests go on together. */
  gather?: () => Promise<void>
}

/** What a request is known by in logs, metrics and its answer. */
export type Known = { requestId: string; method: string; route: string }

/**
 * A route's whole way from request to answer, in one handler: who calls, may they, what do they send, the use case, the
 * answer. The order is fixed: a stranger learns nothing about what is behind the credential check.
 */
export function serveEndpoint(serving: Serving, endpoint: Endpoint): (context: Context) => Promise<Response> {
  const noStore = endpoint.path.startsWith('/v1/')
  return async (context) => {
    const started = performance.now()
    const { method } = endpoint
    const known = {
      requestId: requestIdOf(context.req.raw.headers, serving.vault.random),
      method,
      route: endpoint.path,
    }
    const meta = { requestId: known.requestId, noStore }
    const response = await answer(serving, endpoint, context).then(
      (given) => answerOf(given, endpoint.type, meta),
      (error: unknown) => refuse(serving.log, known, error, noStore),
    )
    const seconds = (performance.now() - started) / 1000
    serving.metrics.observe({ route: endpoint.path, method, status: response.status, seconds })
    return response
  }
}

async function answer(
  { vault, gather, sealed }: Serving,
  endpoint: Endpoint,
  context: Context,
): Promise<Answer> {
  requireOpen(sealed, endpoint.path)
  if (isPublic(endpoint.name)) {
    // A public route's handler is given no caller: its type says `never`.
    const call = {} as Asked<typeof endpoint.name, unknown, unknown, unknown>['call']
    return endpoint.answer({ vault, call, ...namesOf(endpoint, context), body: undefined })
  }
  const bearer = bearerOf(context.req.raw.headers)
  const caller = await authenticate(vault, bearer)
  try {
    requireAccess(endpoint.name, caller)
    const asked = namesOf(endpoint, context)
    const { body: schema } = endpoint
    if (!schema || !bearer)
      return await endpoint.answer({ vault, call: { caller }, ...asked, body: undefined })
    const bytes = await readBody(context.req.raw)
    await gather?.()
    return await answerBody(vault, endpoint, context, { caller, bearer, asked, schema, bytes })
  } catch (error) {
    // A refusal of somebody known leaves a trace before it is answered.
    if (isVaultError(error) && LOGGED.has(error.code)) await logRefusal(vault, caller, error.code)
    throw error
  }
}

/** What a known caller is told that it may not, as opposed to what it got wrong. */
const LOGGED: ReadonlySet<string> = new Set(['forbidden', 'not_found', 'risk_denied'])

/** @throws VaultError `sealed` under /v1, whatever is asked there, while the root key is missing. */
export function requireOpen(sealed: Serving['sealed'], path: string): void {
  if (path.startsWith('/v1/') && sealed?.() === true) {
    throw new VaultError('sealed', 'The vault is sealed: its operators have to open it first.')
  }
}

type Names = { id: unknown; rest: unknown; query: unknown; accept: string | undefined }
type Admitted = {
  caller: Caller
  bearer: Secret<string>
  asked: Names
  schema: NonNullable<Endpoint['body']>
  bytes: Uint8Array
}

async function answerBody(
  vault: Vault,
  endpoint: Endpoint,
  context: Context,
  { caller, bearer, asked, schema, bytes }: Admitted,
): Promise<Answer> {
  const { raw } = context.req
  const { method } = endpoint
  const key = method === 'POST' ? idempotencyKeyOf(raw.headers) : undefined
  const input = bytes.byteLength === 0 && endpoint.bodyOptional ? {} : parseJson(bytes)
  const body = validate(schema, input, endpoint.refuse)
  const claim =
    key === undefined
      ? undefined
      : claimFor(caller, bearer, key, { method, path: context.req.path, body: bytes })
  return endpoint.answer({ vault, call: { caller, claim }, ...asked, body })
}

const NO_QUERY = {}

/** The id in the path and what stands in the query, checked; and what kind of answer is asked for, as it was sent. */
function namesOf(endpoint: Endpoint, context: Context): Names {
  const { id: spec, rest: restSpec } = endpoint
  const id = spec?.parse(context.req.param('id') ?? context.req.param('tenant') ?? '')
  if (spec && id === undefined) throw notFound(spec.what)
  const rest = restSpec?.parse(context.req.param('rest') ?? '')
  if (restSpec && rest === undefined) throw notFound(restSpec.what)
  const given = context.req.raw.url.includes('?') ? context.req.query() : NO_QUERY
  const accept = context.req.raw.headers.get('accept') ?? undefined
  return { id, rest, query: validate(endpoint.query, given), accept }
}

/** A failure's answer; what is ours is logged in full, what is the caller's by its code. */
export function refuse(
  log: Log,
  known: Known,
  error: unknown,
  noStore: boolean,
  headers: Record<string, string> = {},
): Response {
  const given = toProblem(error, known.requestId)
  const { status, code } = given.problem
  const entry = { request_id: known.requestId, method: known.method, route: known.route, status }
  const inside = isVaultError(error)
    ? { code: error.code, ...(error.detail !== undefined && { detail: error.detail }) }
    : { code }
  // What is the caller's to mend is in the metrics and, where it matters, in the vault's own log.
  if (status >= 500)
    log({ level: 'error', event: 'request_failed', ...entry, ...inside, error: describeError(error) })
  return problemAnswer(given, { requestId: known.requestId, noStore }, headers)
}
