import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ACCESS } from '../../src/http/access.ts'
import { PUBLIC_CODES } from '../../src/http/problem.ts'
import { expectProblem } from './expectations.ts'
import { openWorld } from './world.ts'
import type { World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const get = (path: string) => world.call(undefined, path)

describe('health', () => {
  test('the process says that it serves', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } })
  })

  test('readiness names what does not answer', async () => {
    expect((await get('/readyz')).body).toEqual({
      status: 'ok',
      checks: { store: true, log: true, keys: true },
    })
    Object.assign(world.readiness, { log: false, keys: false })
    const answer = await get('/readyz')
    Object.assign(world.readiness, { log: true, keys: true })
    const errors = ['log', 'keys'].map((name) => ({ pointer: `/checks/${name}`, code: 'unavailable' }))
    expectProblem(answer, 'unavailable', errors)
    expect(answer.body.detail).toBe('Not ready: log, keys.')
  })

  test('while the vault is sealed everything under /v1 says so, whoever asks for whatever, and health answers', async () => {
    world.seal.on = true
    const asked = [
      await world.call(world.platform, '/v1/parties'),
      await world.call(undefined, '/v1/parties'),
      await world.call(world.platform, '/v1/nothing'),
      await world.call(world.platform, '/v1/parties', { method: 'PUT' }),
    ]
    const open = [await get('/healthz'), await get('/metrics'), await get('/openapi.json')]
    world.seal.on = false
    for (const answer of asked) expectProblem(answer, 'sealed')
    expect(open.map(({ status }) => status)).toEqual([200, 200, 200])
    const { paths } = open[2]!.body
    for (const [path, operations] of Object.entries<
      Record<string, { responses: Record<string, { description: string }> }>
    >(paths))
      for (const { responses } of Object.values(operations))
        expect(responses['503']?.description.includes('sealed') ?? false).toBe(path.startsWith('/v1/'))
    expect((await world.call(world.platform, '/v1/parties')).status).toBe(200)
  })

  test('metrics are Prometheus text, and each request is observed by its pattern and never by its path', async () => {
    const answer = await get('/metrics')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4'])
    const before = world.observed.length
    await world.call(world.platform, `/v1/parties/${world.shop.id}`)
    await world.call(undefined, '/v1/13812345678')
    expect(world.observed.slice(before)).toEqual([
      { route: '/v1/parties/{id}', method: 'GET', status: 200, seconds: expect.any(Number) },
      { route: 'unmatched', method: 'GET', status: 404, seconds: expect.any(Number) },
    ])
  })
})

type Schema = { $ref?: string; additionalProperties?: boolean }
type Content = Record<string, { schema: Schema }>
type Operation = {
  summary: string
  security: unknown
  requestBody?: { content: Content }
  responses: Record<string, { content?: Content }>
}
type Item = Record<string, Operation>

describe('the document', () => {
  test('holds every route of the access table and no other', async () => {
    const { body } = await get('/openapi.json')
    expect(body.openapi).toBe('3.1.0')
    const documented = Object.entries(body.paths).flatMap(([path, item]) =>
      Object.keys(item as object).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(documented.toSorted()).toEqual(Object.keys(ACCESS).toSorted())
  })

  test('every product route asks for a credential, describes itself, and answers problems as such', async () => {
    const { body } = await get('/openapi.json')
    for (const [path, item] of Object.entries<Item>(body.paths)) {
      for (const operation of Object.values(item)) {
        expect(operation.summary, path).toBeTruthy()
        expect(operation.security, path).toEqual(path.startsWith('/v1/') ? [{ bearer: [] }] : [])
        const failures = Object.entries(operation.responses).filter(([status]) => status >= '400')
        expect(failures.length, path).toBeGreaterThan(0)
        for (const [, { content }] of failures) {
          expect(content?.['application/problem+json']?.schema).toEqual({
            $ref: '#/components/schemas/Problem',
          })
        }
      }
    }
  })

  test('every reference in it leads somewhere', async () => {
    const { body, text } = await get('/openapi.json')
    const names = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name))
    expect([...names].filter((name) => !Object.hasOwn(body.components.schemas, name!))).toEqual([])
    expect(body.components.schemas.Problem.properties.code.enum).toEqual(PUBLIC_CODES)
  })

  test('request objects take no unknown field', async () => {
    const { body } = await get('/openapi.json')
    for (const item of Object.values<Item>(body.paths)) {
      for (const { requestBody } of Object.values(item)) {
        const schema = requestBody?.content['application/json']?.schema
        if (!schema) continue
        const name = schema.$ref?.split('/').at(-1)
        expect((name ? body.components.schemas[name] : schema).additionalProperties).toBe(false)
      }
    }
  })

  test('the page shows every route, with no script and nothing from elsewhere', async () => {
    const page = await get('/docs')
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; style-src 'self'")
    for (const name of Object.keys(ACCESS)) expect(page.text).toContain(name)
    expect(page.text).not.toMatch(/<script|<style|style="|\son\w+=|https?:\/\/(?!www\.apache)/)
    expect((await get('/docs/style.css')).headers.get('content-type')).toBe('text/css; charset=utf-8')
  })
})

describe('keys', () => {
  test('public session keys are served for the first tenant and each by name; no private part', async () => {
    const { status, body } = await get('/.well-known/jwks.json')
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        keys: [
          {
            kty: 'OKP',
            crv: 'Ed25519',
            alg: 'EdDSA',
            use: 'sig',
            x: expect.any(String),
            kid: expect.any(String),
          },
        ],
      },
    })
    expect((await get('/t/default/.well-known/jwks.json')).body).toEqual(body)
    expectProblem(await get('/t/nobody/.well-known/jwks.json'), 'not_found')
    expectProblem(await get('/t/%00/.well-known/jwks.json'), 'not_found')
  })
})

describe('every answer', () => {
  test('an unknown path is 404, a known one with another method 405 with what it allows', async () => {
    for (const path of ['/', '/v1', '/v1/parties/', '/v2/reveal', '/v1/parties/a/b/c']) {
      expectProblem(await get(path), 'not_found')
    }
    const wrong = await world.call(world.platform, '/v1/parties', { method: 'PUT' })
    expectProblem(wrong, 'method_not_allowed')
    expect(wrong.headers.get('allow')).toBe('POST, GET, HEAD')
    expectProblem(await get('/v1/reveal'), 'method_not_allowed')
    expectProblem(await world.call(undefined, '/healthz', { method: 'OPTIONS' }), 'method_not_allowed')
  })

  test('HEAD answers as GET does, without a body', async () => {
    const answer = await world.call(world.platform, '/v1/parties', { method: 'HEAD' })
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' })
  })

  test('under /v1 nothing is stored by anybody on the way, and no answer is taken for a page', async () => {
    for (const path of ['/v1/parties', '/v1/nothing', '/v1/reveal', '/v1/parties/x']) {
      const { headers } = await world.call(world.platform, path)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'")
    }
  })

  test('a sane request id comes back; one that could be a telephone number or is no token is replaced', async () => {
    const ask = async (id: string) => {
      const answer = await world.call(undefined, '/v1/parties', { headers: { 'x-request-id': id } })
      return answer.body.request_id
    }
    const sane = '0b9f1a62-6f0e-4b47-9a52-b16a7d8f0c11'
    expect(await ask(sane)).toBe(sane)
    for (const bad of ['13812345678', 'x'.repeat(65), 'a b c d e f g h i', 'someone@example.com..']) {
      expect(await ask(bad)).toMatch(/^req_/)
    }
  })

  test('a fault of ours is 500 with nothing of it outside, and all but the data inside the log', async () => {
    const failing = (error: Error) => vi.spyOn(world.store, 'listParties').mockRejectedValueOnce(error)
    failing(new TypeError('cannot read row 7'))
    const answer = await world.call(world.platform, '/v1/parties')
    failing(new SyntaxError('Unexpected token 王 in JSON'))
    const quoting = await world.call(world.platform, '/v1/parties')
    for (const one of [answer, quoting]) {
      expectProblem(one, 'internal')
      expect(one.body.detail).toBe('Internal error.')
    }
    const [inside, quoted] = world.logged.slice(-2)
    expect(inside).toMatchObject({
      level: 'error',
      event: 'request_failed',
      status: 500,
      route: '/v1/parties',
      request_id: answer.body.request_id,
      error: {
        name: 'TypeError',
        message: 'cannot read row 7',
        frames: expect.arrayContaining([expect.stringContaining('at ')]),
      },
    })
    expect(JSON.stringify(quoted)).not.toContain('王')
  })
})
