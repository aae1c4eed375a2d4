import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { fromUtf8 } from '../../core/bytes.ts'
import { SECOND_MS } from '../../core/time.ts'
import { formatVerifier } from '../../tlog/note.ts'
import type { Verifier } from '../../tlog/note.ts'
import type { Answer, Witness } from './witness.ts'

/** 63 proof lines are under 3 KiB, a note of 100 signatures of the largest known kind is larger than anybody's. */
export const MAX_BODY_BYTES = 64 * 1024
const REQUEST_TIMEOUT_MS = 10 * SECOND_MS
const MAX_HEADER_BYTES = 8 * 1024

type Route = { methods: readonly string[]; answer: (request: IncomingMessage) => Promise<Answer> }

/** @param failed is told of what is a fault of this process, not of the call. */
export function witnessServer(
  witness: Witness,
  verifier: Verifier,
  failed: (error: unknown) => void,
): Server {
  const options = {
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: REQUEST_TIMEOUT_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  }
  return createServer(options, (request, response) => {
    answer(witness, verifier, request)
      .catch((error: unknown): Answer => {
        failed(error)
        return { status: 503, body: 'the witness cannot remember anything now\n' }
      })
      .then((given) => send(request, response, given))
      .catch(failed)
  })
}

async function answer(witness: Witness, verifier: Verifier, request: IncomingMessage): Promise<Answer> {
  const route = routeOf(witness, verifier, request.url ?? '')
  if (!route) return { status: 404, body: 'no such path\n' }
  return route.methods.includes(request.method ?? '')
    ? route.answer(request)
    : { status: 405, body: `only ${route.methods.join(', ')}\n` }
}

function routeOf(witness: Witness, verifier: Verifier, path: string): Route | undefined {
  if (path === '/add-checkpoint') {
    return { methods: ['POST'], answer: (request) => addCheckpoint(witness, request) }
  }
  if (path === '/vkey') {
    const body = `${formatVerifier(verifier)}\n`
    return { methods: ['GET', 'HEAD'], answer: () => Promise.resolve({ status: 200, body }) }
  }
  const hash = /^\/checkpoint\/([0-9a-f]{64})$/.exec(path)?.[1]
  if (hash === undefined) return undefined
  return { methods: ['GET', 'HEAD'], answer: () => latest(witness, hash) }
}

async function latest(witness: Witness, hash: string): Promise<Answer> {
  const note = await witness.latest(hash)
  return note === undefined
    ? { status: 404, body: 'no checkpoint of such a log\n' }
    : { status: 200, body: note }
}

async function addCheckpoint(witness: Witness, request: IncomingMessage): Promise<Answer> {
  const body = await readBody(request)
  if (!body) return { status: 413, body: `at most ${MAX_BODY_BYTES} bytes\n` }
  const text = textOf(body)
  return text === undefined ? { status: 400, body: 'not UTF-8\n' } : witness.addCheckpoint(text)
}

/** @returns undefined as soon as there is more than a request can be. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk as Uint8Array)
    size += bytes.length
    if (size > MAX_BODY_BYTES) return undefined
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

function textOf(body: Uint8Array): string | undefined {
  try {
    return fromUtf8(body)
  } catch {
    // The one thing that it throws for: bytes that are not UTF-8.
    return undefined
  }
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body }: Answer): void {
  response.statusCode = status
  response.setHeader('content-type', type ?? 'text/plain; charset=utf-8')
  response.setHeader('content-length', Buffer.byteLength(body))
  response.setHeader('cache-control', 'no-store')
  if (status === 405) response.setHeader('allow', body.replace(/^only |\n$/g, ''))
  // What was not read to its end cannot be followed by another request.
  if (!request.complete) response.setHeader('connection', 'close')
  response.end(request.method === 'HEAD' ? undefined : body)
}
