import type { Hono } from 'hono'
import { ACCESS } from '../../src/http/access.ts'
import type { Schema, Schemas } from './p13-schema.ts'

/** One route as the served document describes it. */
export type Described = {
  name: string
  method: string
  path: string
  /** Prefixes of the id in the path; none where it holds something else, or nothing. */
  prefixes: readonly string[]
  query: readonly { name: string; required?: boolean; schema: Schema }[]
  body: Schema | undefined
  audience: readonly string[]
  /** Media types of the success, by status; none where it has no body. */
  success: ReadonlyMap<number, readonly string[]>
  /** Codes of problems, by status. */
  codes: ReadonlyMap<number, ReadonlySet<string>>
}

export type Service = { routes: readonly Described[]; schemas: Schemas }

type Parameter = { in: string; name: string; required?: boolean; description?: string; schema: Schema }
type Operation = {
  parameters?: Parameter[]
  requestBody?: { content: { 'application/json': { schema: Schema } } }
  responses: Record<string, { description: string; content?: Record<string, unknown> }>
}
type Document = {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Schemas }
}

const PREFIXES = /`([a-z]+)_…`/g
const CODES = /`([a-z_]+)`: /g

export async function readDocument(app: Pick<Hono, 'request'>): Promise<Service> {
  const { paths, components } = (await (await app.request('/openapi.json')).json()) as Document
  const routes = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => describe(method.toUpperCase(), path, operation)),
  )
  return { routes, schemas: components.schemas }
}

function describe(method: string, path: string, operation: Operation): Described {
  const { parameters = [], requestBody, responses } = operation
  const name = `${method} ${path}`
  const inPath = parameters.find((parameter) => parameter.in === 'path')
  const answers = Object.entries(responses).map(([status, answer]) => [Number(status), answer] as const)
  const table: Readonly<Record<string, readonly string[]>> = ACCESS
  return {
    name,
    method,
    path,
    prefixes: namesIn(inPath?.description ?? '', PREFIXES),
    query: parameters.filter((parameter) => parameter.in === 'query'),
    body: requestBody?.content['application/json'].schema,
    audience: table[name] ?? [],
    success: new Map(
      answers
        .filter(([status]) => status < 400)
        .map(([status, { content }]) => [status, Object.keys(content ?? {})]),
    ),
    codes: new Map(
      answers
        .filter(([status]) => status >= 400)
        .map(([status, { description }]) => [status, new Set(namesIn(description, CODES))]),
    ),
  }
}

function namesIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name)
}

/** The route that a path leads to, as a router of its own: segment by segment, whatever was needlessly escaped. */
export function routeAt(service: Service, method: string, pathname: string): Described | undefined {
  const asked = method === 'HEAD' ? 'GET' : method
  const path = unescaped(pathname)
  return service.routes.find((route) => route.method === asked && leadsTo(route.path, path))
}

function unescaped(pathname: string): string {
  try {
    return decodeURI(pathname)
  } catch {
    // Not UTF-8, and so no word of a route.
    return pathname
  }
}

function leadsTo(template: string, pathname: string): boolean {
  const wanted = template.split('/')
  const rest = wanted.at(-1) === '{rest}'
  // What is left of the path is one parameter, slashes and all.
  const parts = pathname.split('/')
  const given = rest
    ? [...parts.slice(0, wanted.length - 1), parts.slice(wanted.length - 1).join('/')]
    : parts
  return (
    wanted.length === given.length &&
    wanted.every((segment, i) => (segment.startsWith('{') ? given[i] !== '' : segment === given[i]))
  )
}
