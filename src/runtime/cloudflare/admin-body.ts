import { VaultError } from '../../core/errors.ts'
import { parseJson } from '../../http/middleware/parse-json.ts'
import { readBody } from '../../http/middleware/read-body.ts'

export type Members = Readonly<Record<string, unknown>>

/** @throws VaultError `invalid_request` for a member that is not known; as `readBody` and `parseJson`. */
export async function membersOf(request: Request, known: readonly string[]): Promise<Members> {
  const body = parseJson(await readBody(request))
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalidCall('The body is a JSON object.')
  const unknown = Object.keys(body).filter((name) => !known.includes(name))
  if (unknown.length > 0) throw invalidCall(`The body has ${known.join(' and ')}, and nothing else.`)
  return body as Members
}

export function invalidCall(message: string): VaultError {
  return new VaultError('invalid_request', message)
}
