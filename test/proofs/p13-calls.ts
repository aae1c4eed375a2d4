import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { Described, Service } from './p13-document.ts'
import { mutate, print } from './p13-json.ts'
import { textOf, idOf, validOf } from './p13-schema.ts'
import type { Schemas } from './p13-schema.ts'
import { MARK, headerText, later, mutation, nasty, nastyText } from './p13-values.ts'

/** One request, complete but for what `later` stands for. A body is text, or bytes as they are. */
export type Call = {
  caller: string
  method: string
  path: string
  headers: Readonly<Record<string, string>>
  body?: string | Uint8Array<ArrayBuffer>
}

/** Callers by the kind that the access table knows; the others are let in nowhere. */
export const CALLERS = {
  platform: ['platform', 'otherPlatform'],
  merchant: ['shop', 'rivalShop', 'otherShop'],
  courier: ['courier', 'rivalCourier'],
  person: ['person', 'rivalPerson', 'otherPerson'],
  anyone: ['nobody', 'revoked', 'gibberish'],
} as const

const EVERYBODY = Object.values(CALLERS).flat()

export function callsOf(service: Service): Arbitrary<Call> {
  const { routes, schemas } = service
  const shaped = routes.map((route) => ({
    // Routes that read a body have more ways to go wrong.
    weight: route.body ? 8 : 3,
    arbitrary: callOf(route, schemas),
  }))
  return fc.oneof(...shaped, { weight: 12, arbitrary: strayCall(routes) })
}

function callOf(route: Described, schemas: Schemas): Arbitrary<Call> {
  return fc
    .record({
      caller: callerFor(route),
      path: pathOf(route),
      query: queryOf(route),
      headers: headersOf(),
      body: bodyOf(route, schemas),
      type: contentType,
    })
    .map(({ caller, path, query, headers, body, type }) => ({
      caller,
      method: route.method,
      path: path + query,
      headers: body === undefined ? headers : { ...type, ...headers },
      ...(body !== undefined && { body }),
    }))
}

function callerFor({ audience }: Described): Arbitrary<string> {
  const kinds = audience.filter((kind): kind is keyof typeof CALLERS => Object.hasOwn(CALLERS, kind))
  const inside = kinds.flatMap((kind) => CALLERS[kind])
  return fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...(inside.length > 0 ? inside : EVERYBODY)) },
    { weight: 1, arbitrary: fc.constantFrom(...EVERYBODY) },
  )
}

const SEGMENTS = [
  '%00',
  '%ff%fe',
  '%',
  '%zz',
  '..',
  '.',
  '%2e%2e%2f',
  '%2F',
  '*',
  ';a=b',
  '{id}',
  ':id',
  '%F0%9F%98%80',
  '%ED%A0%80',
  'null',
  '0',
]

const strangeSegment: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...SEGMENTS),
  nastyText.map(encoded),
  fc.string({ maxLength: 12 }),
  fc.constant(later('long', 9_000)),
)

/** What a log's path goes on with: tiles that are there, that are not yet, and that never will be. */
const TILES = [
  '0/000.p/1',
  '0/000.p/7',
  '0/000',
  '1/000',
  '8/000.p/1',
  '0/x001/000.p/256',
  '0/0',
  '00/000.p/1',
]

function pathOf({ path, prefixes }: Described): Arbitrary<string> {
  if (!path.includes('{')) return fc.constant(path)
  const usual = prefixes.length > 0 ? idOf(prefixes) : fc.constantFrom('default', 'other', 'nowhere')
  const id = fc.oneof({ weight: 8, arbitrary: usual }, { weight: 2, arbitrary: strangeSegment })
  const rest = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...TILES) },
    { weight: 2, arbitrary: strangeSegment },
  )
  return fc
    .tuple(id, rest)
    .map(([given, end]) => path.replace('{rest}', () => end).replace(/\{[a-z]+\}/, () => given))
}

const CURSORS = ['0', '5', '999999999', later('grt', 1), later('mer', 1)]
const ODD_QUERIES = [
  '&&',
  '=',
  'limit=',
  'limit=1&limit=2',
  'cursor',
  '%',
  'a[b]=c',
  '__proto__=1',
  `x=${MARK}`,
  'limit=1e1',
]

/** What is to be filled in later stays as it is. */
function encoded(text: string): string {
  const whole = encodeURIComponent(text.toWellFormed())
  return whole.replaceAll(/%EE%80%80([a-z]+)%3A(\d+)%EE%80%81/g, (_, what: string, number: string) =>
    later(what, Number(number)),
  )
}

function parameter({ name, schema }: Described['query'][number]): Arbitrary<string> {
  const number = fc.integer({ min: 1, max: 100 }).map(String)
  const usual = schema.type === 'integer' ? number : textOf(schema, name)
  const value = fc.oneof(
    { weight: 6, arbitrary: name === 'cursor' ? fc.constantFrom(...CURSORS) : usual },
    { weight: 1, arbitrary: nastyText },
  )
  return value.map((text) => `${name}=${encoded(text)}`)
}

function queryOf({ query }: Described): Arbitrary<string> {
  const odd = fc.oneof(
    fc.tuple(nastyText, nastyText).map((pair) => pair.map(encoded).join('=')),
    fc.constantFrom(...ODD_QUERIES),
    fc.string({ maxLength: 10 }).map((text) => text.replaceAll('#', '')),
  )
  const seldom = (part: Arbitrary<string>, often: number) =>
    fc.oneof({ weight: 10 - often, arbitrary: fc.constant('') }, { weight: often, arbitrary: part })
  const parts = [...query.map((known) => seldom(parameter(known), known.required ? 9 : 3)), seldom(odd, 1)]
  return fc.tuple(...parts).map((given) => {
    const all = given.filter((part) => part !== '')
    return all.length > 0 ? `?${all.join('&')}` : ''
  })
}

const TYPES = [
  'text/plain',
  'application/xml',
  'application/json; charset=utf-16',
  'application/json;charset="utf-8"',
  'APPLICATION/JSON',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  '',
  'application/json, text/html',
  `a/${MARK}`,
]

const contentType: Arbitrary<Record<string, string>> = fc.oneof(
  { weight: 20, arbitrary: fc.constant({ 'content-type': 'application/json' }) },
  { weight: 1, arbitrary: fc.constantFrom(...TYPES).map((type) => ({ 'content-type': type })) },
  { weight: 1, arbitrary: fc.constant({}) },
)

const NAMES = [
  'x-request-id',
  'accept',
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'authorization',
  'cookie',
  'x-forwarded-for',
  'x-http-method-override',
  'host',
  'range',
  'expect',
  'origin',
  '__proto__',
  'constructor',
  'if-none-match',
  'accept-encoding',
  'content-type',
]
const AUTHORIZATIONS = [
  'Bearer',
  'Bearer ',
  'bearer x',
  'Basic YTpi',
  `Bearer ${MARK}`,
  'Bearer ck_default_x',
  'Bearer eyJhbGciOiJub25lIn0.e30.',
  'Bearer a.b.c',
  `Bearer ck_${'a'.repeat(50)}_${'0'.repeat(40)}`,
  'Bearer eyJhbGciOiJFZERTQSJ9.eyJ0ZW5hbnQiOiJmdXp6In0.AAAA',
  `Bearer ${later('long', 5_000)}`,
]

const ACCEPTS = [
  'text/html',
  'application/pdf',
  'application/pdf, text/html;q=0.5',
  '*/*;q=0',
  'image/png',
  'text/*',
  ';;q=',
  ',,,',
  'text/html;q=NaN',
  `a/${MARK}`,
]

function headersOf(): Arbitrary<Record<string, string>> {
  const key = fc
    .oneof(fc.constantFrom('key-1', 'key-2', 'key-3'), headerText)
    .map((value) => ({ 'idempotency-key': value }))
  const strange = fc.dictionary(fc.constantFrom(...NAMES), headerText, {
    minKeys: 1,
    maxKeys: 3,
    noNullPrototype: true,
  })
  return fc.oneof(
    { weight: 14, arbitrary: fc.constant({}) },
    { weight: 4, arbitrary: key },
    { weight: 2, arbitrary: strange },
    { weight: 1, arbitrary: fc.constantFrom(...ACCEPTS).map((accept) => ({ accept })) },
    { weight: 1, arbitrary: fc.constantFrom(...AUTHORIZATIONS).map((authorization) => ({ authorization })) },
  )
}

type Body = string | Uint8Array<ArrayBuffer>

function bodyOf({ method, body }: Described, schemas: Schemas): Arbitrary<Body | undefined> {
  const none = fc.constant(undefined)
  if (method === 'GET') return none
  const valid = validOf(body ?? {}, schemas)
  const text = valid.map(print)
  const mutated = fc
    .tuple(valid, fc.array(mutation, { minLength: 1, maxLength: 3 }))
    .map(([node, mutations]) => print(mutations.reduce(mutate, node)))
  const cut = fc.tuple(text, fc.nat(300)).map(([whole, at]) => whole.slice(0, at % (whole.length + 1)))
  const torn = fc.tuple(text, fc.nat(300), fc.uint8Array({ maxLength: 4 })).map(([whole, at, bytes]) => {
    const known = new TextEncoder().encode(whole)
    known.set(bytes.slice(0, known.length), at % Math.max(1, known.length - bytes.length))
    return known
  })
  return fc.oneof(
    { weight: body ? 8 : 1, arbitrary: text },
    { weight: body ? 14 : 1, arbitrary: mutated },
    { weight: 1, arbitrary: nasty.map(print) },
    { weight: 1, arbitrary: cut },
    { weight: 1, arbitrary: torn },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Uint8Array.from(bytes)) },
    { weight: body ? 1 : 8, arbitrary: none },
  )
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'get', 'Q']
const PATHS = [
  '/',
  '//',
  '/v1',
  '/v1/',
  '/V1/me',
  '/v1/me/',
  '/v1//me',
  '/v1/./me',
  '/v2/me',
  '/%76%31/me',
  '/v1/me%2fexport',
  '/favicon.ico',
  '/.env',
  '/log/default/checkpoint',
  '/docs/',
  '/metrics;',
  `/${MARK}`,
  '/v1/me;a=b',
  '/v1/me%00',
  '/v1/events/../me',
  '\\v1\\me',
]

/** Known paths with other methods, and paths that nobody knows. */
function strayCall(routes: readonly Described[]): Arbitrary<Call> {
  const known = fc.constantFrom(...routes).chain(pathOf)
  const strange = fc.array(strangeSegment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`)
  return fc
    .record({
      caller: fc.constantFrom(...EVERYBODY),
      method: fc.constantFrom(...METHODS),
      path: fc.oneof({ weight: 3, arbitrary: known }, fc.constantFrom(...PATHS), strange),
      headers: headersOf(),
      body: fc.oneof(fc.constant(undefined), nasty.map(print)),
    })
    .map(({ body, ...call }) => ({
      ...call,
      // A `Request` takes no body with these two.
      ...(body !== undefined && !/^(get|head)$/i.test(call.method) && { body }),
    }))
}
