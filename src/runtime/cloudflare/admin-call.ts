import { VaultError } from '../../core/errors.ts'
import { isRotationLevel } from '../../vault/keys/rotation.ts'
import { parseRetentionKind } from '../../vault/retention/policy.ts'
import { invalidCall, membersOf } from './admin-body.ts'
import type { Members } from './admin-body.ts'
import type { AdminCall } from './administer.ts'
import { parseReading } from './move-call.ts'

type Parse = (request: Request, detail: string) => AdminCall | Promise<AdminCall>

/** What stands behind a tenant's name in a path, and the methods that it takes; `*` for whatever is named there. */
const CALLS: Readonly<Record<string, Readonly<Record<string, Parse>>>> = {
  '': { PUT: () => ({ type: 'create' }) },
  credentials: { POST: () => ({ type: 'credential' }) },
  quota: { PUT: quotaCall },
  retention: { GET: () => ({ type: 'retention' }) },
  'retention/*': { PUT: retentionCall },
  'keys/rotations': { GET: () => ({ type: 'rotations' }), POST: rotateCall },
  rest: {
    GET: () => ({ type: 'find_rest' }),
    PUT: () => ({ type: 'rest' }),
    DELETE: () => ({ type: 'wake' }),
  },
  'rest/rows': { POST: (request) => parseReading(request, 'rows') },
  'rest/counts': { POST: (request) => parseReading(request, 'counts') },
}

/** As the command line takes it. */
const MAX_PER_DAY = 999_999_999_999

/**
 * @param noun as in the path, such as `quota`; empty for the tenant itself.
 * @param detail what follows it, such as a kind of retention.
 * @throws VaultError `not_found`, `method_not_allowed`, `invalid_request`; as `membersOf`.
 */
export async function parseAdminCall(
  request: Request,
  noun: string,
  detail: string | undefined,
): Promise<AdminCall> {
  const takes = CALLS[detail === undefined ? noun : `${noun}/${detail}`] ?? (detail && CALLS[`${noun}/*`])
  if (!takes) throw new VaultError('not_found', 'There is nothing here.')
  const parse = takes[request.method]
  if (!parse) throw new VaultError('method_not_allowed', `This takes ${Object.keys(takes).join(', ')}.`)
  return parse(request, detail ?? '')
}

async function quotaCall(request: Request): Promise<AdminCall> {
  return { type: 'quota', perDay: perDayOf(await membersOf(request, ['per_day'])) }
}

async function rotateCall(request: Request): Promise<AdminCall> {
  const { level } = await membersOf(request, ['level'])
  if (typeof level !== 'string' || !isRotationLevel(level) || level === 'root')
    throw invalidCall('level is one of wrap, index, note, session, log, data.')
  return { type: 'rotate', level }
}

async function retentionCall(request: Request, word: string): Promise<AdminCall> {
  const kind = parseRetentionKind(word)
  if (!kind) throw new VaultError('not_found', 'No such kind of retention.')
  const { days, override_reason: reason } = await membersOf(request, ['days', 'override_reason'])
  if (days !== null && typeof days !== 'number')
    throw invalidCall('days is a number of days, or null for the default.')
  if (reason !== undefined && typeof reason !== 'string') throw invalidCall('override_reason is text.')
  return { type: 'set_retention', kind, days, overrideReason: reason }
}

function perDayOf({ per_day: perDay }: Members): number | null {
  if (perDay === null) return null
  if (Number.isInteger(perDay) && Number(perDay) >= 0 && Number(perDay) <= MAX_PER_DAY) return Number(perDay)
  throw invalidCall(`per_day is a whole number from 0 to ${MAX_PER_DAY}, or null for the default.`)
}
