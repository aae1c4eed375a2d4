import { createRoute, z } from '@hono/zod-openapi'
import type { RouteConfig } from '@hono/zod-openapi'
import type { ErrorCode, VaultError } from '../core/errors.ts'
import { toRfc3339 } from '../core/time.ts'
import type { Call } from '../vault/transact.ts'
import type { Vault } from '../vault/vault.ts'
import type { CallerOf, RouteName } from './access.ts'
import { describeRoute } from './describe-route.ts'
import type { Issues } from './middleware/validate.ts'

/** What a path's `{id}` must be. A text that is no such id is answered like an id that nobody has. */
export type PathId<Id> = { what: string; prefixes: readonly string[]; parse(text: string): Id | undefined }

/** What a path ends in, slashes and all. A text that is none is answered like something that does not exist. */
export type PathRest<Rest> = { what: string; parse(text: string): Rest | undefined }

export type Answer = {
  status: number
  body?: unknown
  /** Sent as they are, in place of `body`. */
  bytes?: Uint8Array
  headers?: Readonly<Record<string, string>>
}

/** A handler's request: everything in it was checked. */
export type Asked<Route extends RouteName, Id, Body, Query, Rest = unknown> = {
  vault: Vault
  call: Call<CallerOf<Route>>
  id: Id
  rest: Rest
  body: Body
  query: Query
  /** As it was sent, where the route has several types to choose from. */
  accept: string | undefined
}

type Headers = { headers?: Readonly<Record<string, string>> }
type Handled<Out> = ({ body: Out } & Headers) | ({ bytes: Uint8Array } & Headers) | (Later & Headers)
/** Not yet: the caller asks again. */
type Later = { later: true }

/** One route: what the document says of it and what it does, in one place. */
export type EndpointSpec<
  Route extends RouteName,
  Id,
  Body extends z.ZodType,
  Query extends z.ZodType,
  Out extends z.ZodType,
  Rest = undefined,
> = {
  summary: string
  description?: string
  id?: PathId<Id>
  rest?: PathRest<Rest>
  body?: Body
  /** The call makes sense without a body too. */
  bodyOptional?: boolean
  query?: Query
  ok: {
    status: 200 | 201 | 204
    description: string
    schema: Out
    type?: string
    /** What else the answer may be, by `Accept`; the handler says which in `content-type`. */
    otherTypes?: readonly string[]
    headers?: readonly QuotaHeader[]
  }
  /** What 202 means here, where the answer may not be there yet. */
  later?: string
  /** Codes of this route beyond those that its shape brings with it. */
  errors?: readonly ErrorCode[]
  /** Gives some faults of the body a code of their own. */
  refuse?: (issues: Issues, input: unknown) => VaultError | undefined
  handle(asked: Asked<Route, Id, z.output<Body>, z.output<Query>, Rest>): Promise<Handled<z.input<Out>>>
}

export type QuotaHeader = 'RateLimit-Policy' | 'RateLimit'

/** An endpoint whose own types are closed over: the runner checks everything that `handle` is given. */
export type Endpoint = {
  name: RouteName
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As in the document, with `{id}`. */
  path: string
  route: RouteConfig
  id: PathId<unknown> | undefined
  rest: PathRest<unknown> | undefined
  body: z.ZodType | undefined
  bodyOptional: boolean
  query: z.ZodType
  refuse: ((issues: Issues, input: unknown) => VaultError | undefined) | undefined
  type: string
  answer(asked: Asked<RouteName, unknown, unknown, unknown>): Promise<Answer>
}

const NO_FIELDS = z.strictObject({})

export function endpoint<
  Route extends RouteName,
  Id = undefined,
  Body extends z.ZodType = z.ZodType<undefined>,
  Query extends z.ZodType = z.ZodType<undefined>,
  Out extends z.ZodType = z.ZodType<undefined>,
  Rest = undefined,
>(name: Route, spec: EndpointSpec<Route, Id, Body, Query, Out, Rest>): Endpoint {
  const [method, path] = name.split(' ') as [Endpoint['method'], string]
  const takesBody = method === 'POST' || method === 'PUT' || method === 'PATCH'
  const { status, type = 'application/json' } = spec.ok
  return {
    name,
    method,
    path,
    type,
    id: spec.id,
    rest: spec.rest,
    refuse: spec.refuse,
    route: createRoute(describeRoute(name, method, path, spec)),
    body: spec.body ?? (takesBody ? NO_FIELDS : undefined),
    bodyOptional: spec.bodyOptional ?? spec.body === undefined,
    query: spec.query ?? NO_FIELDS,
    async answer(asked) {
      const handled = await spec.handle(asked as Asked<Route, Id, z.output<Body>, z.output<Query>, Rest>)
      if ('later' in handled) return { status: 202, ...(handled.headers && { headers: handled.headers }) }
      return {
        status,
        ...handled,
      }
    },
  }
}

/** Times of the vault on the wire. */
export function wireTime(at: Parameters<typeof toRfc3339>[0] | null): string | null {
  return at === null ? null : toRfc3339(at)
}
