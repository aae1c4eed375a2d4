import type { Audience } from '../../src/http/access.ts'
import type { Answered, Request } from '../http/harness.ts'
import type { Caller } from './p11-callers.ts'
import type { Estate } from './p11-estates.ts'

/** What is wrong with an answer, or undefined. */
export type Check = (answer: Answered) => string | undefined

/** One request that is pointed at one thing of the target, by one field. */
export type Probe = {
  field: string
  path: string
  request?: Request
  /** The ownership rule: whether this caller can reach what the request points at. */
  knows: boolean
  /** What it is answered then. */
  given: Check
  /** What is answered for a thing that does not exist, and so for one that is another's. 404 where nothing else is said. */
  absent?: Check
}

export type Place = { target: Estate; home: Estate; caller: Caller }

export type Rule = {
  /** Who may call it, said here once more: a table that quietly grew is found. */
  audience: readonly Audience[]
  /** The route is about the caller alone: there is no other's thing to point it at. */
  self?: true
  /** Whoever may do it changes what it is pointed at: each such cell gets an estate of its own. */
  changes?: true
  probes(place: Place): Probe[]
}

export function answers(status: number, more?: (answer: Answered) => string | undefined): Check {
  return (answer) => (answer.status === status ? more?.(answer) : `${status} expected`)
}

export function refuses(status: number, code: string): Check {
  return answers(status, ({ body }) => (body?.code === code ? undefined : `${code} expected`))
}

/** A batch of one, or the last of it. */
export function itemIs(...words: readonly string[]): Check {
  return answers(200, ({ body }) => {
    const item = body.items.at(-1)
    return words.includes(item?.code ?? item?.status)
      ? undefined
      : `${words.join(' or ')} expected of the item`
  })
}

export function lists(test: (rows: readonly never[]) => boolean, what: string): Check {
  return answers(200, ({ body }) => (test(body.items) ? undefined : `${what} expected`))
}

export const NOTHING = lists((rows) => rows.length === 0, 'no rows')
export const SOMETHING = lists((rows) => rows.length > 0, 'rows')
export const NOT_FOUND = refuses(404, 'not_found')

export function runsTenant({ caller, target }: Place): boolean {
  return caller.kind === 'platform' && caller.tenant === target.tenant.id
}

export function isShop({ caller, target }: Place): boolean {
  return caller.party === target.merchant.id
}

export function isCourier({ caller, target }: Place): boolean {
  return caller.party === target.courier.id
}

export function isPerson({ caller, target }: Place): boolean {
  return caller.subject !== undefined && caller.subject === target.subject
}

export const FIELDS = ['name', 'phone', 'email', 'address'] as const

export function post(body?: unknown): Request {
  return { method: 'POST', ...(body !== undefined && { body }) }
}
