import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { secret } from '../../../src/core/secret.ts'
import { objectCalls } from '../../../src/runtime/node/move/object-calls.ts'
import { openObjectSource } from '../../../src/runtime/node/move/object-side.ts'
import { newestSchema } from '../../../src/runtime/node/sqlite-migrations.ts'
import { tableNamed } from '../../../src/runtime/node/move/side.ts'
import { isVaultError } from '../../../src/core/errors.ts'

type Handle = (request: IncomingMessage, response: ServerResponse) => void

const SECRET = 'a-secret-of-the-operators-0123456789'

let server: Server
let url: string
let asked: { method: string; path: string; authorization: string | undefined }[]
let handle: Handle
beforeEach(async () => {
  asked = []
  server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request
    asked.push({ method, path, authorization: headers.authorization })
    handle(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/admin/tenants/acme`
})
afterEach(() => server.close())

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'done'
  } catch (error) {
    if (isVaultError(error)) return error.code
    throw error
  }
}

const calls = () => objectCalls(url, secret(SECRET))
const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}): Handle =>
  (_, response) =>
    void response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))

const place = { rest: 'r', table: 'tokens' }
const whole = { schema: newestSchema(), rest: { id: 'r' } }

test('the secret goes to the server that was named, and along no redirect', async () => {
  handle = (request, response) => {
    const isElsewhere = request.url === '/elsewhere'
    answer(isElsewhere ? 200 : 307, whole, { location: '/elsewhere' })(request, response)
  }
  expect(await codeOf(calls().find())).toBe('unavailable')
  expect(asked.map(({ path }) => path)).toEqual(['/admin/tenants/acme/rest'])
  // Negative control: without the redirect it is told to the same server.
  handle = answer(200, whole)
  expect(await calls().find()).toEqual({ schema: newestSchema(), rest: 'r' })
  expect(asked.at(-1)?.authorization).toBe(`Bearer ${SECRET}`)
})

test('what does not answer for a moment is asked again, but for the first call; what refuses is not', async () => {
  const once = { code: 'unavailable', detail: 'interrupted' }
  handle = (request, response) =>
    answer(asked.length % 2 === 1 ? 503 : 200, { ...once, rows: 7 })(request, response)
  expect(await calls().count(place)).toBe(7)
  expect(asked).toHaveLength(2)
  expect(await codeOf(calls().find())).toBe('unavailable')
  expect(asked).toHaveLength(3)
  handle = answer(500, { code: 'move_source_changed', detail: 'woken' })
  expect(await codeOf(calls().count(place))).toBe('move_source_changed')
  expect(asked).toHaveLength(4)
})

test.each([
  ['somebody’s page', 200, '<html>'],
  ['a refusal of somebody’s', 403, '<html>'],
  ['a code that is none', 400, { code: 'teapot' }],
  ['nothing', 200, ''],
  ['half an answer', 200, { rest: null }],
  ['half a number', 200, { schema: 1.5, rest: null }],
  ['more than a page can be', 200, 'x'.repeat(9 * 1024 * 1024)],
])('%s is no Cloakroom', async (_, status, body) => {
  handle = answer(status, body)
  expect(await codeOf(calls().find())).toBe('unavailable')
})

test.each([
  [newestSchema() + 1, 'database_newer'],
  [newestSchema() - 1, 'database_older'],
])('an object of another schema (%i) is not put to rest', async (schema, code) => {
  handle = answer(200, { ...whole, schema })
  expect(await codeOf(openObjectSource(url, secret(SECRET)))).toBe(code)
  expect(asked.map(({ method }) => method)).toEqual(['GET'])
})

test.each([
  ['cut short', Buffer.from([0, 0, 0, 1, 1])],
  ['of another table', Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0])],
  ['of what no vault has written', Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.alloc(5 * 8)])],
])('a page %s is refused', async (_, page) => {
  handle = (request, response) => {
    if (request.url?.endsWith('/rows')) response.end(page)
    else answer(200, whole)(request, response)
  }
  const source = await openObjectSource(url, secret(SECRET))
  expect(await codeOf(source.page(tableNamed('tokens'), undefined, 5))).toBe('database_unreadable')
})
