import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { problemFaults } from './p13-check.ts'
import type { Given } from './p13-check.ts'
import type { Target } from './p13-run.ts'

/** What no `Request` can hold: request lines, headers and framing as bytes on a socket. */

export type Wire = { requests: number; bare: number; faults: string[] }

const LINES = [
  'GET /healthz HTTP/1.1',
  'GET /v1/me HTTP/1.1',
  'GET /v1/events?limit=1 HTTP/1.1',
  'GET /v1/parties/%ff HTTP/1.1',
  'HEAD /v1/parties HTTP/1.1',
  'POST /v1/parties HTTP/1.1',
  'POST /v1/reveal HTTP/1.1',
  'DELETE /v1/sessions/x HTTP/1.1',
  'GET http://other/v1/me HTTP/1.1',
  'GET //[ HTTP/1.1',
  'TRACE /v1/me HTTP/1.1',
  'QUERY /v1/me HTTP/1.1',
  'GET /v1/me#a HTTP/1.1',
  'GET /v1/../../healthz HTTP/1.1',
]
const ODD_LINES = [
  'GET /healthz HTTP/1.0',
  'GET \\v1\\me HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'BREW /v1/me HTTP/1.1',
  'GET http://[ HTTP/1.1',
  'GET /v1/\xff\xfe HTTP/1.1',
  'PRI * HTTP/2.0',
  'CONNECT x:80 HTTP/1.1',
  'GET',
  `GET /${'a'.repeat(20_000)} HTTP/1.1`,
]
const HEADERS = [
  'Accept: */*',
  'Cookie: a=b',
  'Content-Type: application/json',
  'Content-Type: \xff',
  'Expect: 100-continue',
  'Connection: close',
  'Connection: Upgrade\r\nUpgrade: websocket',
  'X-Request-Id: \xff\xff',
  'Idempotency-Key: \xff',
  'Authorization: Bearer x',
  `X-Long: ${'a'.repeat(10_000)}`,
]
const ODD_HEADERS = [
  'Host: [',
  'Host: x:99999',
  'Content-Length: 50',
  'Content-Length: -1',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Expect: x',
  'X-A: a\0b',
  ' folded: x',
  'No colon',
  `X-Long: ${'a'.repeat(20_000)}`,
]
const BODIES = ['', '', '{}', '{"kind":"merchant","name":"a"}', '\xff\xfe', '{"items":[', '['.repeat(10_000)]
const ODD_BODIES = ['2\r\n{}\r\n0\r\n\r\n', 'zz\r\n{}\r\n', 'ffffffffffffffff\r\n']

type Splice = { at: number; remove: number; bytes: Uint8Array }

const splice: Arbitrary<Splice> = fc.record({
  at: fc.nat(400),
  remove: fc.nat(4),
  bytes: fc.uint8Array({ maxLength: 6 }),
})

function usually(usual: readonly string[], odd: readonly string[]): Arbitrary<string> {
  return fc.oneof(
    { weight: 7, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  )
}

function rawRequest(credential: string): Arbitrary<Buffer> {
  const own = `Authorization: Bearer ${credential}`
  const headers = fc.array(usually([...HEADERS, own, own, own, own], ODD_HEADERS), { maxLength: 3 })
  const whole = fc
    .tuple(usually(LINES, ODD_LINES), headers, usually(BODIES, ODD_BODIES))
    .map(([line, some, body]) => {
      const framed = body === '' ? some : [...some, `Content-Length: ${body.length}`]
      return Buffer.from(`${[line, 'Host: x', ...framed].join('\r\n')}\r\n\r\n${body}`, 'latin1')
    })
  const torn = fc.tuple(whole, fc.array(splice, { minLength: 1, maxLength: 3 })).map(([bytes, splices]) =>
    splices.reduce((left, { at, remove, bytes: put }) => {
      const from = at % (left.length + 1)
      return Buffer.concat([left.subarray(0, from), put, left.subarray(from + remove)])
    }, bytes),
  )
  const noise = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes))
  return fc.oneof(
    { weight: 8, arbitrary: whole },
    { weight: 4, arbitrary: torn },
    { weight: 1, arbitrary: noise },
  )
}

const AT_ONCE = 32

export async function throwBytes(
  target: Target,
  credential: string,
  requests: number,
  seed: number,
): Promise<Wire> {
  const server = createAdaptorServer({ fetch: (request) => target(request) }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const wire: Wire = { requests: 0, bare: 0, faults: [] }
  const all = fc.sample(rawRequest(credential), { numRuns: requests, seed })
  for (let i = 0; i < all.length; i += AT_ONCE) {
    await Promise.all(all.slice(i, i + AT_ONCE).map((bytes) => one(port, bytes, wire)))
  }
  const alive = parse(await exchange(port, Buffer.from('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')))
  if (alive?.status !== 200) wire.faults.push('sockets: no answer to /healthz any more')
  server.close()
  server.closeAllConnections()
  return wire
}

async function one(port: number, bytes: Buffer, wire: Wire): Promise<void> {
  const given = parse(await exchange(port, bytes))
  wire.requests += 1
  if (!given) return
  if (isBare(given)) wire.bare += 1
  else {
    const method = bytes.toString('latin1').startsWith('HEAD') ? 'HEAD' : 'GET'
    const faults =
      given.status >= 500
        ? [String(given.status)]
        : given.status >= 400
          ? problemFaults({ method }, given)
          : []
    for (const fault of faults)
      wire.faults.push(`sockets: ${fault}: ${JSON.stringify(bytes.toString('latin1')).slice(0, 500)}`)
  }
}

/** What is no HTTP, or names no host, is refused by the parser and the adapter, below anything that knows a problem. */
function isBare({ status, headers, text }: Given): boolean {
  return [400, 408, 417, 431].includes(status) && !headers.has('content-type') && text === ''
}

/** How long a server may take; one that waits for the rest of a request is told that there is none. */
const PATIENCE_MS = 150
const REST_MS = 20

function exchange(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    const end = () => socket.destroy()
    const ended = setTimeout(() => socket.end(), PATIENCE_MS)
    const gone = setTimeout(end, 2 * PATIENCE_MS)
    socket.on('data', (data) => {
      if (answer === '') setTimeout(end, REST_MS)
      answer += data.toString('latin1')
    })
    // Being cut off is an answer too.
    socket.on('error', end)
    socket.on('close', () => {
      clearTimeout(ended)
      clearTimeout(gone)
      resolve(answer)
    })
    socket.write(bytes)
  })
}

/** The first answer; undefined if there was none. */
function parse(answer: string): Given | undefined {
  const text = answer.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '')
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [line = '', ...lines] = head.split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1] ?? Number.NaN)
  if (Number.isNaN(status)) return undefined
  const headers = new Headers(
    lines.map((one): [string, string] => {
      const at = one.indexOf(':')
      return [one.slice(0, at), one.slice(at + 1).trim()]
    }),
  )
  const body = rest.join('\r\n\r\n')
  if (headers.get('transfer-encoding') === 'chunked')
    return { status, headers, text: body.replace(/^0(\r\n\r\n[^]*)?$/, '') }
  return { status, headers, text: body.slice(0, Number(headers.get('content-length') ?? 0)) }
}
