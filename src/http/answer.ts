import type { Answer } from './endpoint.ts'
import type { ProblemAnswer } from './problem.ts'

/** Nothing here is a page: no script, no frame, no guess at the type, no address handed on. */
const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const

type Meta = { requestId: string; noStore: boolean }

/** Plain objects for headers: the Node adapter writes them out without building a Headers of them. */
function headersOf(
  { requestId, noStore }: Meta,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    ...SECURITY_HEADERS,
    'x-request-id': requestId,
    ...(noStore && { 'cache-control': 'no-store' }),
    ...own,
  }
}

export function answerOf(answer: Answer, type: string, meta: Meta): Response {
  const { status, body, bytes, headers } = answer
  // 204, and 202 where there is nothing to say yet: no content, and so no type of it.
  if (body === undefined && !bytes) {
    return new Response(null, { status, headers: headersOf(meta, headers ?? {}) })
  }
  const own = { 'content-type': type, ...headers }
  if (bytes) return new Response(Uint8Array.from(bytes), { status, headers: headersOf(meta, own) })
  const text = typeof body === 'string' && type !== 'application/json' ? body : JSON.stringify(body)
  return new Response(text, { status, headers: headersOf(meta, own) })
}

export function problemAnswer(
  { problem, headers }: ProblemAnswer,
  meta: Meta,
  more: Record<string, string> = {},
): Response {
  const own = { ...headers, ...more }
  return new Response(JSON.stringify(problem), { status: problem.status, headers: headersOf(meta, own) })
}
