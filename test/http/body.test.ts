import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAX_BODY_BYTES } from '../../src/core/limits.ts'
import { expectProblem } from './expectations.ts'
import { PUBLIC_URL, read } from './harness.ts'
import type { Answered } from './harness.ts'
import { openWorld } from './world.ts'
import type { World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

type Bytes = Uint8Array<ArrayBuffer>

async function send(
  body: string | Bytes | ReadableStream,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const init: RequestInit & { duplex: 'half' } = {
    method: 'POST',
    headers: { authorization: `Bearer ${world.platform}`, 'content-type': 'application/json', ...headers },
    body,
    duplex: 'half',
  }
  return read(await world.app.request(`${PUBLIC_URL}/v1/parties`, init))
}

const party = (name: string) => `{"kind":"merchant","name":${name}}`

describe('a body', () => {
  test('over 8 MiB is 413, whether it says its length or comes in pieces', async () => {
    const big = new Uint8Array(10 * 1024 * 1024).fill(0x20)
    expectProblem(await send(big), 'body_too_large')
    expectProblem(await send('{}', { 'content-length': String(MAX_BODY_BYTES + 1) }), 'body_too_large')
  })

  test('that comes in pieces without end is cut off at the limit, and no more of it is read', async () => {
    let given = 0
    const endless = new ReadableStream({
      pull(controller) {
        given += 65_536
        controller.enqueue(new Uint8Array(65_536).fill(0x20))
      },
    })
    expectProblem(await send(endless), 'body_too_large')
    expect(given).toBeLessThan(MAX_BODY_BYTES + 4 * 65_536)
  })

  test('that comes in pieces is put together again', async () => {
    const bytes = new TextEncoder().encode(party('"名字"'))
    const pieces = new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
    expect((await send(pieces)).body.name).toBe('名字')
  })

  test('that breaks off is the caller’s fault', async () => {
    const broken = new ReadableStream({
      pull() {
        throw new Error('reset')
      },
    })
    expectProblem(await send(broken), 'invalid_request')
  })

  test('is application/json in UTF-8 and nothing else', async () => {
    for (const type of [
      'text/plain',
      'application/xml',
      'application/json; charset=utf-16',
      'multipart/form-data',
      '',
    ]) {
      expectProblem(await send(party('"x"'), { 'content-type': type }), 'unsupported_media_type')
    }
    expectProblem(await send(party('"x"'), { 'content-encoding': 'gzip' }), 'unsupported_media_type')
    for (const type of ['application/json', 'Application/JSON; Charset="UTF-8"']) {
      expect((await send(party('"x"'), { 'content-type': type })).status).toBe(201)
    }
  })

  test('that is no JSON is refused without a word of it in the answer or the log', async () => {
    for (const text of ['', '{', '{"kind"}', '王小明', "{'a':1}", '{"a":1}x', 'NaN', '\uFEFF{}']) {
      const answer = await send(text)
      expectProblem(answer, 'invalid_json')
      expect(answer.text + JSON.stringify(world.logged.at(-1))).not.toContain('王')
    }
    for (const bytes of [[0xff], [0x22, 0xc3, 0x28, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22]]) {
      expectProblem(await send(Uint8Array.from(bytes)), 'invalid_json')
    }
  })

  test('nested deeper than 32 levels is refused before it is built', async () => {
    expectProblem(await send('['.repeat(33) + ']'.repeat(33)), 'invalid_json')
    expectProblem(await send('{"a":'.repeat(1_000_000)), 'invalid_json')
    expectProblem(await send('['.repeat(32) + ']'.repeat(32)), 'invalid_request', [
      { pointer: '', code: 'wrong_type' },
    ])
    expect((await send(party(`"${'['.repeat(40)}"`))).status).toBe(201)
    expect((await send(party(`"\\"${'['.repeat(40)}"`))).status).toBe(201)
  })

  test('holds no NUL and no half of a surrogate pair, in values or in keys', async () => {
    const bad = [{ pointer: '/name', code: 'bad_text' }]
    expectProblem(await send(party(String.raw`"a\u0000b"`)), 'invalid_request', bad)
    expectProblem(await send(party(String.raw`"\ud83d"`)), 'invalid_request', bad)
    expectProblem(await send(party(String.raw`"\udc00\ud83d"`)), 'invalid_request', bad)
    expectProblem(await send(String.raw`{"\ud83d":1}`), 'invalid_request', [
      { pointer: '', code: 'bad_text' },
    ])
    expectProblem(await send(String.raw`{"王小明":["\u0000"]}`), 'invalid_request', [
      { pointer: '/0', code: 'bad_text' },
    ])
    expect((await send(party(String.raw`"\ud83d\ude00"`))).body.name).toBe('😀')
  })

  test('cannot reach a prototype', async () => {
    const unknown = [{ pointer: '', code: 'unknown_field' }]
    expectProblem(await send('{"__proto__":{"kind":"merchant"},"name":"x"}'), 'invalid_request', unknown)
    expectProblem(
      await send(String.raw`{"\u005f_proto__":1,"kind":"merchant","name":"x"}`),
      'invalid_request',
      unknown,
    )
    expectProblem(await send('{"kind":"merchant","name":"x","constructor":{}}'), 'invalid_request', unknown)
    expect(({} as Record<string, unknown>)['kind']).toBeUndefined()
  })

  test('of a call that needs none may be left out, or be an empty object', async () => {
    const { subject } = await world.addCustomer('u-1')
    const path = `/v1/subjects/${subject}/sessions`
    expect((await world.call(world.platform, path, { method: 'POST' })).status).toBe(200)
    expect((await world.call(world.platform, path, { body: {} })).status).toBe(200)
    expectProblem(await world.call(world.platform, path, { body: { a: 1 } }), 'invalid_request', [
      { pointer: '', code: 'unknown_field' },
    ])
    expectProblem(await world.call(world.platform, '/v1/parties', { method: 'POST' }), 'invalid_json')
  })
})

test('no query is taken where none is documented: data in it would stand in everybody’s logs', async () => {
  expectProblem(await world.call(world.platform, `/v1/parties/${world.shop.id}?phone=1`), 'invalid_request', [
    { pointer: '', code: 'unknown_field' },
  ])
})
