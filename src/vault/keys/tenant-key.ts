import type { Instant } from '../../core/time.ts'

/**
 * What a tenant's key is for: `wrap` wraps persons' data keys, `index` keys the blind index,
 * `note` seals short texts that belong to no person, `session` signs persons' sessions, `log` signs the log's checkpoints,
 * `ref` keys the names that callers have for persons. That one is never turned: nobody keeps the names to key them anew.
 */
export const KEY_KINDS = ['wrap', 'index', 'note', 'session', 'log', 'ref'] as const
export type KeyKind = (typeof KEY_KINDS)[number]

/** One version a kind is `primary` and used for new things; `active` ones still open old things. */
export type KeyState = 'primary' | 'active' | 'retired' | 'destroyed'

export type TenantKeyRecord = {
  kind: KeyKind
  version: number
  state: KeyState
  keyId: string
  /** Which root key wrapped it. */
  rootKeyId: string
  wrapped: Uint8Array
  createdAt: Instant
}
