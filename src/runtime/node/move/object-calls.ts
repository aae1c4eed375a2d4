import { setTimeout as sleep } from 'node:timers/promises'
import { ERROR_CODES, VaultError, isVaultError } from '../../../core/errors.ts'
import type { ErrorCode } from '../../../core/errors.ts'
import type { Secret } from '../../../core/secret.ts'
import { MINUTE_MS, SECOND_MS } from '../../../core/time.ts'

/** A page is a megabyte and a row more, and a row of an object's at most two. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024

/** An object that is started anew, or a Worker that is being deployed, answers within this. */
const CALL_LIVES_MS = MINUTE_MS
const WAITS_MS: readonly number[] = [SECOND_MS / 5, SECOND_MS, 3 * SECOND_MS, 10 * SECOND_MS]

export type ObjectState = {
  /** When the newest migration of its schema was made. */
  schema: number
  /** The id of the rest that it is in; undefined if it is awake. */
  rest: string | undefined
}

export type Place = { rest: string; table: string }

/**
 * What is asked of a tenant's object; all of it may be repeated, and is where nothing answers.
 * @throws VaultError with the object's own code; `unavailable` if nothing answers, or what answers is no Cloakroom.
 */
export type ObjectCalls = {
  /** Not repeated: who names the wrong place hears of it at once. */
  find(): Promise<ObjectState>
  putToRest(): Promise<ObjectState>
  rows(asked: Place & { after: readonly (string | number)[] | undefined; limit: number }): Promise<Uint8Array>
  count(asked: Place): Promise<number>
}

/** @param url of the tenant, as its operator calls it. @param secret the service's admin secret. */
export function objectCalls(url: string, secret: Secret<string>): ObjectCalls {
  const ask = (method: string, path: string, body?: object): Promise<Buffer> => {
    const headers = {
      authorization: `Bearer ${secret.exposeSecret()}`,
      ...(body && { 'content-type': 'application/json' }),
    }
    // The secret goes to the server that was named and to no other.
    const request = {
      method,
      headers,
      redirect: 'error' as const,
      ...(body && { body: JSON.stringify(body) }),
    }
    return answerOf(`${url}/${path}`, request)
  }
  const post = (path: string, body: object) => patiently(() => ask('POST', path, body))
  return {
    find: async () => stateIn(await ask('GET', 'rest')),
    putToRest: async () => stateIn(await patiently(() => ask('PUT', 'rest'))),
    rows: (asked) => post('rest/rows', asked),
    count: async (asked) => numberIn(await post('rest/counts', asked), 'rows'),
  }
}

async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (const wait of WAITS_MS) {
    try {
      return await call()
    } catch (error) {
      if (!isVaultError(error, 'unavailable')) throw error
      await sleep(wait)
    }
  }
  return call()
}

async function answerOf(url: string, request: RequestInit): Promise<Buffer> {
  const signal = AbortSignal.timeout(CALL_LIVES_MS)
  try {
    const response = await fetch(url, { ...request, signal })
    const answer = await wholeOf(response)
    if (response.ok) return answer
    throw refusal(response.status, answer)
  } catch (cause) {
    if (isVaultError(cause)) throw cause
    throw new VaultError('unavailable', `The object does not answer: ${reasonOf(cause)}.`, { cause })
  }
}

async function wholeOf({ body }: Response): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body ?? []) {
    size += part.byteLength
    if (size > MAX_ANSWER_BYTES) throw new Error('an answer is too large')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** How `fetch` fails: "fetch failed", and why in what caused it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message
}

/** What the object says, in its words; of anything else its status alone, since it may be anybody's page. */
function refusal(status: number, answer: Buffer): VaultError {
  const { code: named, detail } = membersIn(answer) ?? {}
  const code = ERROR_CODES.find((known: ErrorCode) => known === named)
  if (code) return new VaultError(code, `The object refuses: ${String(detail)}`)
  return new VaultError('unavailable', `What answers is no Cloakroom: status ${status}.`)
}

function membersIn(answer: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const said: unknown = JSON.parse(answer.toString('utf8'))
    return typeof said === 'object' && said !== null ? (said as Record<string, unknown>) : undefined
  } catch {
    // Somebody's page in between.
    return undefined
  }
}

function numberIn(answer: Buffer, name: string): number {
  const number = membersIn(answer)?.[name]
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw new VaultError('unavailable', 'What answers is no Cloakroom.')
}

function stateIn(answer: Buffer): ObjectState {
  const { rest } = (membersIn(answer) ?? {}) as { rest?: { id?: unknown } | null }
  return { schema: numberIn(answer, 'schema'), rest: typeof rest?.id === 'string' ? rest.id : undefined }
}
