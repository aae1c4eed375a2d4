import { VaultError } from '../../core/errors.ts'

const FIELDS = ['name', 'phone', 'email', 'address'] as const
type Field = (typeof FIELDS)[number]

/** Tokens by field; a field that the person does not have has none. */
export type Tokens = Partial<Record<Field, string>>

export type FieldFault = { pointer: string; code: string }

/** What became of one item. */
export type Outcome = { tokens: Tokens } | { refused: string; faults: readonly FieldFault[] }

/** RFC 9457, as far as it matters here. */
export type Problem = {
  status: number
  code: string
  title: string
  requestId: string
  retryable: boolean
  faults: readonly FieldFault[]
}

type Json = Record<string, unknown>

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function readFaults(value: unknown): FieldFault[] {
  if (!Array.isArray(value)) return []
  return value.filter(isJson).map((fault) => ({ pointer: textOf(fault.pointer), code: textOf(fault.code) }))
}

function parseObject(text: string): Json {
  try {
    const value: unknown = JSON.parse(text)
    return isJson(value) ? value : {}
  } catch {
    // A proxy's page in place of a problem document: the status alone has to do.
    return {}
  }
}

/** Takes anything: what is missing stays empty. */
export function readProblem(status: number, text: string): Problem {
  const { code, title, detail, request_id, retryable, errors } = parseObject(text)
  return {
    status,
    code: textOf(code),
    title: textOf(detail) || textOf(title),
    requestId: textOf(request_id),
    retryable: retryable === true,
    faults: readFaults(errors),
  }
}

function readOutcome(item: Json): Outcome | undefined {
  if (item.status === 'error') {
    const faults = readFaults(item.errors)
    return { refused: faults[0]?.code || textOf(item.code) || 'refused', faults }
  }
  if (!isJson(item.tokens)) return undefined
  const tokens: Tokens = {}
  for (const field of FIELDS) {
    const token = textOf(item.tokens[field])
    if (token !== '') tokens[field] = token
  }
  return { tokens }
}

/**
 * One outcome for each key asked, in order.
 * @throws VaultError `internal` for an answer that is not what the contract says.
 */
export function readOutcomes(body: unknown, keys: readonly string[]): Outcome[] {
  const items: unknown = isJson(body) ? body.items : undefined
  const outcomes = keys.map((key, place) => {
    const item: unknown = Array.isArray(items) ? items[place] : undefined
    return isJson(item) && item.key === key ? readOutcome(item) : undefined
  })
  const whole = outcomes.filter((outcome) => outcome !== undefined)
  if (whole.length !== keys.length) {
    throw new VaultError('internal', 'The answer of the service is not that of /v1/tokenize.')
  }
  return whole
}
