import type { PartyId, SubjectId, Token } from '../../core/id.ts'
import { DAY_MS, after, isoWeek } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { FieldName } from '../fields/registry.ts'

/** How long the same person and value keep the same token at one shop. */
export const LINKABILITIES = ['order', 'week', 'party'] as const
export type Linkability = (typeof LINKABILITIES)[number]

/**
 * A token stands for one field of one person at one party, and follows the value. `window` is what repeats: the ISO
 * week, the word `party`, or for `order` the token itself, so that it never repeats.
 */
export type TokenRecord = {
  token: Token
  party: PartyId
  subject: SubjectId
  field: FieldName
  linkability: Linkability
  window: string
  issuedAt: Instant
  expiresAt: Instant | null
  retiredAt: Instant | null
}

/** What decides whether a token still stands for its field. */
export type TokenLife = Pick<TokenRecord, 'field' | 'expiresAt' | 'retiredAt'>

export type TokenStatus = 'live' | 'expired' | 'retired' | 'stale' | 'unknown'

/** A shop's search looks back 90 days; an order's and a week's tokens live as long after they were issued. */
export const TOKEN_LIFETIME_MS = 90 * DAY_MS

export function windowOf(linkability: Linkability, token: Token, now: Instant): string {
  if (linkability === 'order') return token
  return linkability === 'week' ? isoWeek(now) : 'party'
}

export function expiryOf(linkability: Linkability, now: Instant): Instant | null {
  return linkability === 'party' ? null : after(now, TOKEN_LIFETIME_MS)
}

/** `hasValue` says whether the person still has a value in this field. */
export function tokenStatus(token: TokenLife, hasValue: boolean, now: Instant): TokenStatus {
  if (token.retiredAt !== null) return 'retired'
  if (token.expiresAt !== null && token.expiresAt <= now) return 'expired'
  return hasValue ? 'live' : 'stale'
}
