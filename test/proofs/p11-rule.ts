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
  request: Request
  /** The ownership rule: whether this caller can reach what the request points at. */
  knows: boolean
  /** What it is answered then. */
  given: Check
  /** What is answered for a thing that does not exist, and so for one that is another's. */
  absent: Check
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

/** `field` and where it is asked; `GET` and 404 for what is not there, unless `more` says otherwise. */
export function probe(
  field: string,
  path: string,
  knows: boolean,
  given: Check,
  more: Partial<Pick<Probe, 'request' | 'absent'>> = {},
): Probe {
  return { field, path, knows, given, request: {}, absent: NOT_FOUND, ...more }
}

export function answers(status: number, more?: (answer: Answered) => string | undefined): Check {
  return (answer) => (answer.status === status ? more?.(answer) : `${status} expected`)
}

export function refuses(status: number, code: string): Check {
  return answers(status, ({ body }) => (body?.code === code ? undefined : `${code} expected`))
}

/** A batch of one, or the last of it. */
export function itemIs(word: string): Check {
  return answers(200, ({ body }) => {
    const item = body.items.at(-1)
    return word === (item?.code ?? item?.status) ? undefined : `${word} expected of the item`
  })
}

export function lists(test: (rows: number) => boolean, what: string): Check {
  return answers(200, ({ body }) => (test(body.items.length) ? undefined : `${what} expected`))
}

export const OK = answers(200)
export const CREATED = answers(201)
export const DONE = answers(204)
export const NOTHING = lists((rows) => rows === 0, 'no rows')
export const SOMETHING = lists((rows) => rows > 0, 'rows')
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
export const PARTIES = ['merchant', 'courier'] as const

export function post(body?: unknown): { request: Request } {
  return { request: { method: 'POST', ...(body !== undefined && { body }) } }
}

export const REMOVE = { request: { method: 'DELETE' } } as const
