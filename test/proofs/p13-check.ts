import { ERROR_CODES } from '../../src/core/errors.ts'
import type { ErrorCode } from '../../src/core/errors.ts'
import { PROBLEMS } from '../../src/http/problem.ts'
import type { Described } from './p13-document.ts'

export type Sent = { method: string; pathname: string; mark: string }
export type Given = { status: number; headers: Headers; text: string }

type Problem = Record<string, unknown>
type Codes = ReadonlyMap<number, ReadonlySet<string>>

const MEMBERS = {
  type: 'string',
  title: 'string',
  status: 'number',
  code: 'string',
  detail: 'string',
  request_id: 'string',
  retryable: 'boolean',
  errors: 'object',
} as const

/** A path that leads nowhere, or another method than the path has. */
const UNMATCHED = new Map([
  [404, new Set(['not_found'])],
  [405, new Set(['method_not_allowed'])],
])
const INSIDES = /node_modules|\bat .+:\d+:\d+|\/src\/|sqlite|drizzle|TypeError|RangeError/i
/** How a `Date` prints a year that four digits do not hold. */
const ODD_YEAR = /"[+-]\d{6}-\d\d-\d\dT/
const POINTER = /^(\/[^/]*)*$/
const WORD = /^[a-z0-9_]+$/

/** Everything that is wrong with an answer, whatever was asked. */
export function faultsOf(route: Described | undefined, sent: Sent, given: Given): string[] {
  const { status, headers } = given
  if (status >= 500) return [`${status}: ${given.text.slice(0, 300)}`]
  const faults = status >= 400 ? problemFaults(sent, given, route?.codes ?? UNMATCHED) : []
  if (status < 400 && !route?.success.has(status)) faults.push(`${status} is not in the document`)
  if (status < 400 && route) faults.push(...mediaFaults(given, route.success.get(status)))
  if (sent.pathname.startsWith('/v1/') && headers.get('cache-control') !== 'no-store')
    faults.push('may be cached')
  return [...faults, ...echoFaults(sent, given)]
}

function mediaFaults({ headers, text }: Given, expected: readonly string[] = []): string[] {
  const type = headers.get('content-type')
  const isDocumented = type === null ? expected.length === 0 : expected.includes(type)
  if (!isDocumented) return [`content-type ${type} where ${expected.join(', ')} is documented`]
  if (type !== 'application/json') return []
  if (text !== '' && !isJson(text)) return ['not JSON']
  const odd = ODD_YEAR.exec(text)?.[0]
  return odd === undefined ? [] : [`a time that is not RFC 3339: ${odd}`]
}

/** @param codes what the document names, by status; undefined where it is not known which route was asked for. */
export function problemFaults(
  { method }: Pick<Sent, 'method'>,
  { status, headers, text }: Given,
  codes?: Codes,
): string[] {
  if (headers.get('content-type') !== 'application/problem+json')
    return [`${status} as ${headers.get('content-type')}`]
  const faults = headerFaults(status, headers)
  if (method === 'HEAD') return faults
  if (!isJson(text)) return [`${status} with ${text.slice(0, 100)}`]
  const problem = JSON.parse(text) as Problem
  const missing = Object.entries(MEMBERS).filter(([name, type]) => typeof problem[name] !== type)
  const more = Object.keys(problem).filter((name) => !Object.hasOwn(MEMBERS, name))
  const shape = [...missing.map(([name]) => `no ${name}`), ...more.map((name) => `${name} in a problem`)]
  if (shape.length > 0) return shape
  return [
    ...codeFaults(problem, status, codes),
    ...idFaults(problem, headers),
    ...fieldFaults(problem['errors']),
  ]
}

/** The code is one of the closed list, its status, title and retryability are its own, and the document names it. */
function codeFaults(problem: Problem, status: number, codes?: Codes): string[] {
  const code = problem['code'] as ErrorCode
  if (!ERROR_CODES.includes(code)) return [`unknown code ${code}`]
  const { hidden, ...kind } = PROBLEMS[code]
  const expected = { ...kind, type: `urn:cloakroom:problem:${code}` }
  const wrong = Object.entries(expected).filter(([name, value]) => problem[name] !== value)
  return [
    ...wrong.map(([name]) => `${code} with ${name} ${JSON.stringify(problem[name])}`),
    ...(status === kind.status ? [] : [`${code} as ${status}`]),
    ...(hidden ? [`${code} is not for callers`] : []),
    ...(!codes || codes.get(status)?.has(code) ? [] : [`${status} ${code} is not in the document`]),
  ]
}

/** What a refusal has to say in a header: RFC 9110 §15.5.2, §15.5.6; RFC 6585 §4, and the contract. */
const HEADERS_OF: ReadonlyMap<number, string> = new Map([
  [401, 'www-authenticate'],
  [405, 'allow'],
  [429, 'retry-after'],
])

function headerFaults(status: number, headers: Headers): string[] {
  const needed = HEADERS_OF.get(status)
  return needed === undefined || headers.has(needed) ? [] : [`${status} without ${needed}`]
}

function idFaults(problem: Problem, headers: Headers): string[] {
  return headers.get('x-request-id') === problem['request_id'] ? [] : ['request_id differs from the header']
}

function fieldFaults(errors: unknown): string[] {
  if (!Array.isArray(errors)) return ['errors is no list']
  const bad = errors.find((error: Problem) => {
    const { pointer, code, ...others } = error
    const named =
      typeof pointer === 'string' && POINTER.test(pointer) && typeof code === 'string' && WORD.test(code)
    return !named || Object.keys(others).length > 0
  })
  return bad === undefined ? [] : [`a field error ${JSON.stringify(bad)}`]
}

/** Where the contract hands back what was sent: a party as it was made, an incident with its reasons, a notice with its words, a hold with its reason. */
const RETURNS_INPUT =
  /^(POST \/v1\/(parties|incidents\/[^/]+\/(assess|close|reopen|clocks\/(met|waived|reopened)|notices)|notices\/[^/]+\/cancel|signals\/[^/]+\/(confirm|dismiss)|holds(\/[^/]+\/clear)?)|PUT \/v1\/watch\/settings|PATCH \/v1\/notices\/[^/]+)$/

/** The call's canary: never in a refusal, and in an answer only as the item key that the caller gave. */
function echoFaults({ method, pathname, mark }: Sent, { status, headers, text }: Given): string[] {
  const inHeaders = [...headers].some(([, value]) => value.includes(mark))
  if (inHeaders) return ['echo in a header']
  if (status >= 400 && INSIDES.test(text)) return [`insides: ${text.slice(0, 300)}`]
  if (!text.includes(mark)) return []
  if (status >= 400) return [`echo: ${text.slice(0, 300)}`]
  if (RETURNS_INPUT.test(`${method} ${pathname}`)) return []
  return JSON.stringify(withoutKeys(JSON.parse(text))).includes(mark) ? [`echo: ${text.slice(0, 300)}`] : []
}

function withoutKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutKeys)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => name !== 'key' && name !== 'groups')
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutKeys(member)]))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
