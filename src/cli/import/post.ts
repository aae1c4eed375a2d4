import { createHash } from 'node:crypto'
import { VaultError } from '../../core/errors.ts'
import type { Secret } from '../../core/secret.ts'
import { SECOND_MS } from '../../core/time.ts'
import { readProblem } from './answer.ts'
import type { Problem } from './answer.ts'

const REQUEST_TIMEOUT_MS = 60 * SECOND_MS
/** With the pauses below: given up after half a minute to a minute without an answer. */
const MAX_ATTEMPTS = 9
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 30 * SECOND_MS
/** A server that asks for more is obeyed this far, then asked again. */
const LONGEST_RETRY_AFTER_MS = 300 * SECOND_MS

export type Service = {
  /** Without a slash at the end. */
  url: string
  key: Secret<string>
  /** Part of every `Idempotency-Key`: the same for all attempts of one import, another for the next. */
  runId: string
  pause: (ms: number) => Promise<void>
  /** Evenly from 0 to under 1. */
  jitter: () => number
}

/** What the service said to the call as a whole. */
export type Answered = { ok: true; body: unknown } | { ok: false; problem: Problem }

type Attempt = Answered | { again: true; because: string; retryAfterMs: number }

const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504])

function isPassing({ status, code, retryable }: Problem): boolean {
  return RETRIED_STATUSES.has(status) || code === 'idempotency_in_flight' || retryable
}

/** Seconds alone: the service sends no dates. */
function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get('retry-after') ?? 0)
  return Number.isFinite(seconds) ? Math.min(seconds * SECOND_MS, LONGEST_RETRY_AFTER_MS) : 0
}

/** The same body under the same run has the same key, so that no retry and no resume does its work twice. */
function idempotencyKey(runId: string, body: string): string {
  return createHash('sha256').update(`${runId}\0${body}`).digest('base64url')
}

async function attempt(service: Service, path: string, body: string): Promise<Attempt> {
  try {
    const response = await fetch(`${service.url}${path}`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${service.key.exposeSecret()}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': idempotencyKey(service.runId, body),
      },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    })
    const text = await response.text()
    if (response.ok) return { ok: true, body: JSON.parse(text) }
    const problem = readProblem(response.status, text)
    if (!isPassing(problem)) return { ok: false, problem }
    return { again: true, because: `answered ${response.status}`, retryAfterMs: retryAfterMs(response) }
  } catch (error) {
    // No answer or half of one. The work may have been done: the same idempotency key makes asking again safe.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return { again: true, because: `did not answer (${String(cause)})`, retryAfterMs: 0 }
  }
}

/**
 * Asks until there is an answer that will not change by asking again.
 * @throws VaultError `unavailable` when the service stays away.
 */
export async function post(service: Service, path: string, body: string): Promise<Answered> {
  let because = ''
  for (let tried = 0; tried < MAX_ATTEMPTS; tried++) {
    const result = await attempt(service, path, body)
    if ('ok' in result) return result
    because = result.because
    const backoffMs = Math.min(FIRST_PAUSE_MS * 2 ** tried, LONGEST_PAUSE_MS) * (0.5 + service.jitter() / 2)
    if (tried + 1 < MAX_ATTEMPTS) await service.pause(Math.max(backoffMs, result.retryAfterMs))
  }
  throw new VaultError('unavailable', `${service.url} ${because}, ${MAX_ATTEMPTS} times in a row.`)
}
