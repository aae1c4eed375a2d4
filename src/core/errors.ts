/**
 * Every failure that a caller may act upon, by its stable code. Codes are part of the HTTP contract: they are
 * added to, never renamed. Which status each one gets is known to `http/problem.ts` alone.
 */
export const ERROR_CODES = [
  // the call itself
  'invalid_request',
  'invalid_json',
  'body_too_large',
  'unsupported_media_type',
  'method_not_allowed',
  'not_acceptable',
  'not_found',
  'unauthenticated',
  'forbidden',
  'party_not_active',
  'risk_denied',
  'purpose_required',
  'operator_required',
  'conflict',
  'state_conflict',
  'idempotency_in_flight',
  'idempotency_key_reused',
  'batch_failed',
  'rate_limited',
  'quota_exhausted',
  // the service
  'log_unavailable',
  'unavailable',
  'sealed',
  'tenant_moving',
  'shutting_down',
  'internal',
  // a start that cannot go on
  'config_invalid',
  'data_folder_in_use',
  'data_folder_unwritable',
  'database_newer',
  'database_older',
  'database_unreadable',
  'durability_not_held',
  'move_unfinished',
  'root_key_missing',
  'root_key_wrong',
  'root_key_permissions',
  'root_key_plain',
  'root_key_unreadable',
  'passphrase_required',
  'passphrase_wrong',
  // commands on a data folder
  'service_not_running',
  'share_invalid',
  'shares_missing',
  'backup_invalid',
  'folder_not_empty',
  'store_in_use',
  'store_not_empty',
  'move_source_changed',
  'move_differs',
  // ciphertexts and keys
  'envelope_invalid',
  'key_unknown',
  'key_destroyed',
  // two people, and the log
  'approval_required',
  'approval_own',
  'channel_not_configured',
  'log_damaged',
  'log_rolled_back',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** One field of a request that cannot be taken. `pointer` is an RFC 6901 JSON pointer into the body. */
export type FieldError = { pointer: string; code: string; detail?: string }

type Internals = {
  /** For the operator's log only. Never PII, never a secret. */
  detail?: string
  cause?: unknown
  errors?: readonly FieldError[]
  retryAfterS?: number
}

/**
 * The one error type. `message` is a public sentence that may be shown to any caller; `detail` and `cause` stay inside.
 * Anything thrown that is not a VaultError is a bug.
 */
export class VaultError extends Error {
  override readonly name = 'VaultError'
  readonly code: ErrorCode
  readonly detail: string | undefined
  readonly errors: readonly FieldError[]
  readonly retryAfterS: number | undefined

  constructor(code: ErrorCode, message: string, internals: Internals = {}) {
    super(message, internals.cause === undefined ? undefined : { cause: internals.cause })
    this.code = code
    this.detail = internals.detail
    this.errors = internals.errors ?? []
    this.retryAfterS = internals.retryAfterS
  }
}

export function isVaultError(error: unknown, code?: ErrorCode): error is VaultError {
  return error instanceof VaultError && (code === undefined || error.code === code)
}

/** For the default branch of a switch over a closed union: adding a member makes this line fail to compile. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`)
}
