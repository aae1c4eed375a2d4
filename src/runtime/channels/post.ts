import type { Outcome } from '../../vault/incidents/notices/channel.ts'

export type Posting = { url: URL; headers: Readonly<Record<string, string>>; body: string }

/** `body` is cut off after `MAX_REPLY_BYTES`. */
export type Reply = { status: number; retryAfter: string | null; body: string }

/** Why there was no reply. `address_refused`: the host is not at a public address. */
export type PostFault = 'address_refused' | 'unreachable' | 'timeout'

/**
 * One POST, with no redirect followed, to a public address or one of the operator's own. Ends by itself within `POST_TIMEOUT_MS`.
 */
export type Post = (posting: Posting) => Promise<Reply | PostFault>

export const POST_TIMEOUT_MS = 30_000
export const MAX_REPLY_BYTES = 64 * 1024

const SECOND_MS = 1_000

/** RFC 9110 §10.2.3, in seconds; a date is not waited for. */
export function askedMs(retryAfter: string | null): { afterMs?: number } {
  return retryAfter !== null && /^\d{1,6}$/.test(retryAfter)
    ? { afterMs: Number(retryAfter) * SECOND_MS }
    : {}
}

/** What a failure is, where it is nobody's in particular: everybody waits. */
export function faultOutcome(fault: PostFault): Outcome {
  return { result: 'down', code: fault }
}

/** The other side is there and takes nothing from anybody at the moment: set up wrongly, overloaded, or away. */
const FOR_ALL = new Set([401, 403, 408, 410, 425, 429, 502, 503, 504])

/** A reply that took nothing over: for this one recipient, or for all. A redirect is one that nobody follows. */
export function laterOutcome({ status, retryAfter }: Reply): Outcome {
  const isForAll = FOR_ALL.has(status) || (status >= 300 && status < 400)
  return { result: isForAll ? 'down' : 'later', code: `http_${status}`, ...askedMs(retryAfter) }
}

export function isTaken({ status }: Reply): boolean {
  return status >= 200 && status < 300
}
