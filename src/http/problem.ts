import { isVaultError } from '../core/errors.ts'
import type { ErrorCode, FieldError } from '../core/errors.ts'

/** How one code is answered. `hidden` ones are faults of ours: outside they are all `internal`. */
export type ProblemKind = { status: number; title: string; retryable: boolean; hidden?: true }

const OURS: ProblemKind = { status: 500, title: 'Internal error', retryable: false, hidden: true }

function refusal(status: number, title: string): ProblemKind {
  return { status, title, retryable: false }
}

function passing(status: number, title: string): ProblemKind {
  return { status, title, retryable: true }
}

/** The only place that knows which status a failure gets. */
export const PROBLEMS: Readonly<Record<ErrorCode, ProblemKind>> = {
  invalid_request: refusal(400, 'The request cannot be taken'),
  invalid_json: refusal(400, 'The body is not JSON'),
  body_too_large: refusal(413, 'The body is too large'),
  unsupported_media_type: refusal(415, 'The body must be application/json'),
  method_not_allowed: refusal(405, 'This path has no such method'),
  not_acceptable: refusal(406, 'Not to be had in this format'),
  not_found: refusal(404, 'Not found'),
  unauthenticated: refusal(401, 'No valid credential'),
  forbidden: refusal(403, 'Not allowed to this caller'),
  party_not_active: refusal(403, 'The party is not active'),
  risk_denied: refusal(403, 'Held'),
  purpose_required: refusal(400, 'A purpose is required'),
  operator_required: refusal(400, 'An operator is required'),
  conflict: passing(409, 'Something moved in between'),
  state_conflict: refusal(409, 'Not possible in this state'),
  idempotency_in_flight: passing(409, 'The first request is still under way'),
  idempotency_key_reused: refusal(422, 'The Idempotency-Key belongs to another request'),
  batch_failed: refusal(422, 'Nothing of the batch was stored'),
  rate_limited: passing(429, 'Too many requests'),
  quota_exhausted: passing(429, 'The quota is used up'),
  log_unavailable: passing(503, 'The log cannot be written'),
  unavailable: passing(503, 'Not available now'),
  sealed: passing(503, 'The vault is sealed'),
  tenant_moving: passing(503, 'The tenant is being moved'),
  shutting_down: passing(503, 'The service is stopping'),
  internal: { status: 500, title: 'Internal error', retryable: false },
  config_invalid: OURS,
  data_folder_in_use: OURS,
  data_folder_unwritable: OURS,
  database_newer: OURS,
  database_older: OURS,
  database_unreadable: OURS,
  durability_not_held: OURS,
  move_unfinished: OURS,
  root_key_missing: OURS,
  root_key_wrong: OURS,
  root_key_permissions: OURS,
  root_key_plain: OURS,
  root_key_unreadable: OURS,
  passphrase_required: OURS,
  passphrase_wrong: OURS,
  service_not_running: OURS,
  share_invalid: OURS,
  shares_missing: OURS,
  backup_invalid: OURS,
  folder_not_empty: OURS,
  store_in_use: OURS,
  store_not_empty: OURS,
  move_source_changed: OURS,
  move_differs: OURS,
  envelope_invalid: OURS,
  key_unknown: OURS,
  key_destroyed: OURS,
  approval_required: refusal(403, 'A second person has to approve'),
  approval_own: refusal(403, 'Nobody approves their own request'),
  channel_not_configured: refusal(409, 'The channel is not set up'),
  log_damaged: OURS,
  log_rolled_back: OURS,
}

/** RFC 9457. */
export type Problem = {
  type: string
  title: string
  status: number
  code: ErrorCode
  detail: string
  request_id: string
  retryable: boolean
  errors: readonly Pick<FieldError, 'pointer' | 'code'>[]
}

export type ProblemAnswer = { problem: Problem; headers: Readonly<Record<string, string>> }

/** Codes that a caller may meet, for the document. */
export const PUBLIC_CODES = (Object.keys(PROBLEMS) as ErrorCode[]).filter((code) => !PROBLEMS[code].hidden)

/** The public half of a failure, and nothing of its private half. */
export function toProblem(error: unknown, requestId: string): ProblemAnswer {
  const known = isVaultError(error) && error.code !== 'internal' && !PROBLEMS[error.code].hidden
  const code = known ? error.code : 'internal'
  const { status, title, retryable } = PROBLEMS[code]
  const problem: Problem = {
    type: `urn:cloakroom:problem:${code}`,
    title,
    status,
    code,
    detail: known ? error.message : 'Internal error.',
    request_id: requestId,
    retryable,
    errors: known ? error.errors.map(({ pointer, code: fieldCode }) => ({ pointer, code: fieldCode })) : [],
  }
  return { problem, headers: headersOf(status, known ? error.retryAfterS : undefined) }
}

function headersOf(status: number, retryAfterS: number | undefined): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    ...(retryAfterS !== undefined && { 'retry-after': String(retryAfterS) }),
    // RFC 9110 §11.6.1: a 401 says how to do better.
    ...(status === 401 && { 'www-authenticate': 'Bearer realm="cloakroom"' }),
  }
}
