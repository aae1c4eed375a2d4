import { VaultError } from '../../core/errors.ts'
import { MAX_BODY_BYTES } from '../../core/limits.ts'

const NOTHING = new Uint8Array(0)
const JSON_TYPE = /^application\/json[ \t]*(;[ \t]*charset[ \t]*=[ \t]*"?utf-8"?[ \t]*)?$/i

function tooLarge(): VaultError {
  return new VaultError('body_too_large', `A body holds at most ${MAX_BODY_BYTES} bytes.`)
}

/** A length, if the request says one. HTTP servers hold a body to it, so what is longer is refused unread. */
function declaredLength(headers: Headers): number | undefined {
  const length = headers.get('content-length')
  return length !== null && /^\d+$/.test(length) ? Number(length) : undefined
}

function hasBody(request: Request, length: number | undefined): boolean {
  if (length !== undefined) return length > 0
  // Looking at `body` makes a stream of it, which is slow: only where no header tells.
  return request.headers.has('transfer-encoding') || request.body !== null
}

/**
 * The body's bytes; empty where there is none.
 * @throws VaultError `body_too_large`, `unsupported_media_type`, or `invalid_request` if the connection broke off.
 */
export async function readBody(request: Request): Promise<Uint8Array> {
  const length = declaredLength(request.headers)
  if (!hasBody(request, length)) return NOTHING
  if (!JSON_TYPE.test(request.headers.get('content-type') ?? '') || request.headers.has('content-encoding')) {
    throw new VaultError('unsupported_media_type', 'Send application/json in UTF-8, not compressed.')
  }
  if (length !== undefined && length > MAX_BODY_BYTES) throw tooLarge()
  const bytes = length === undefined ? await readStream(request) : await readKnown(request)
  if (bytes.byteLength > MAX_BODY_BYTES) throw tooLarge()
  return bytes
}

function brokenOff(cause: unknown): VaultError {
  return new VaultError('invalid_request', 'The body did not arrive whole.', { cause })
}

async function readKnown(request: Request): Promise<Uint8Array> {
  try {
    return new Uint8Array(await request.arrayBuffer())
  } catch (cause) {
    throw brokenOff(cause)
  }
}

/** Reads on only as long as the limit is not passed. */
async function readStream(request: Request): Promise<Uint8Array> {
  const reader = request.body?.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const next = await reader?.read().catch((cause: unknown) => {
      throw brokenOff(cause)
    })
    if (!next || next.done) return joined(chunks, size)
    const chunk: Uint8Array = next.value
    size += chunk.byteLength
    if (size > MAX_BODY_BYTES) {
      // The rest is nobody's concern; that it cannot be cancelled either.
      await reader?.cancel().catch(() => undefined)
      throw tooLarge()
    }
    chunks.push(chunk)
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [first] = chunks
  if (first && chunks.length === 1) return first
  const whole = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.byteLength
  }
  return whole
}
