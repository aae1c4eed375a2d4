import { VaultError } from '../../core/errors.ts'
import { parseJson } from '../../http/middleware/parse-json.ts'
import { readBody } from '../../http/middleware/read-body.ts'
import { parseRetentionKind } from '../../vault/retention/policy.ts'
import type { AdminCall } from './administer.ts'

/** What stands behind a tenant's name in a path, and the methods that it takes. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  '': ['PUT'],
  credentials: ['POST'],
  quota: ['PUT'],
  retention: ['GET'],
  'retention/': ['PUT'],
}

type Members = Readonly<Record<string, unknown>>

/** As the command line takes it. */
const MAX_PER_DAY = 999_999_999_999

/**
 * @param noun as in the path: `''`, `credentials`, `quota` or `retention`.
 * @param detail what follows it: a kind of retention.
 * @throws VaultError `method_not_allowed`, `invalid_request`; as `readBody` and `parseJson`.
 */
export async function parseAdminCall(
  request: Request,
  noun: string,
  detail: string | undefined,
): Promise<AdminCall> {
  const takes = METHODS[detail === undefined ? noun : `${noun}/`]
  if (!takes) throw new VaultError('not_found', 'There is nothing here.')
  if (!takes.includes(request.method))
    throw new VaultError('method_not_allowed', `This takes ${takes.join(', ')}.`)
  if (noun === '') return { type: 'create' }
  if (noun === 'credentials') return { type: 'credential' }
  if (noun === 'quota') return { type: 'quota', perDay: perDayOf(await membersOf(request, ['per_day'])) }
  return detail === undefined ? { type: 'retention' } : retentionCall(request, detail)
}

async function retentionCall(request: Request, word: string): Promise<AdminCall> {
  const kind = parseRetentionKind(word)
  if (!kind) throw new VaultError('not_found', 'No such kind of retention.')
  const { days, override_reason: reason } = await membersOf(request, ['days', 'override_reason'])
  if (days !== null && typeof days !== 'number')
    throw invalid('days is a number of days, or null for the default.')
  if (reason !== undefined && typeof reason !== 'string') throw invalid('override_reason is text.')
  return { type: 'set_retention', kind, days, overrideReason: reason }
}

function perDayOf({ per_day: perDay }: Members): number | null {
  if (perDay === null) return null
  if (Number.isInteger(perDay) && Number(perDay) >= 0 && Number(perDay) <= MAX_PER_DAY) return Number(perDay)
  throw invalid(`per_day is a whole number from 0 to ${MAX_PER_DAY}, or null for the default.`)
}

async function membersOf(request: Request, known: readonly string[]): Promise<Members> {
  const body = parseJson(await readBody(request))
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid('The body is a JSON object.')
  const unknown = Object.keys(body).filter((name) => !known.includes(name))
  if (unknown.length > 0) throw invalid(`The body has ${known.join(' and ')}, and nothing else.`)
  return body as Members
}

function invalid(message: string): VaultError {
  return new VaultError('invalid_request', message)
}
