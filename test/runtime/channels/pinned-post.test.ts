import { expect, onTestFinished, test } from 'vitest'
import { pinnedPost } from '../../../src/runtime/node/channels/pinned-post.ts'
import type { Resolve } from '../../../src/runtime/node/channels/pinned-post.ts'
import { startHttpServer } from './http-server.ts'
import type { HttpServer } from './http-server.ts'
import { SPELLINGS } from './spellings.ts'

const LOOPBACK = ['127.0.0.0/8', '::1/128', '0.0.0.0/8']

async function server(): Promise<HttpServer> {
  const made = await startHttpServer()
  onTestFinished(() => made.stop())
  return made
}

function poster(own: readonly string[], find?: Resolve) {
  const { post, close } = pinnedPost(own, find)
  onTestFinished(close)
  return (url: string) => post({ url: new URL(url), headers: {}, body: '{}' })
}

test.each(SPELLINGS)('no request goes to a private address spelled %s', async (host) => {
  const { port, requests } = await server()
  expect(await poster([])(`http://${host}:${port}/`)).toBe('address_refused')
  expect(requests).toEqual([])
})

test('negative control: the same spellings lead there where the operator says that they may', async () => {
  const { port, requests } = await server()
  const post = poster(LOOPBACK)
  // Nobody listens on IPv6 here, and 0.0.0.0 is this machine on some systems alone.
  const there = SPELLINGS.filter((host) => !host.startsWith('[') && !/^0(\.0\.0\.0)?$/.test(host))
  for (const host of there) expect(await post(`http://${host}:${port}/`), host).toMatchObject({ status: 204 })
  expect(requests).toHaveLength(there.length)
})

const PRIVATE = [
  'http://10.1.2.3/',
  'http://172.16.0.1/',
  'http://192.168.1.1/',
  'http://169.254.169.254/latest/meta-data/',
  'http://100.64.0.1/',
  'http://198.18.0.1/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://[fe80::1]/',
  'http://[fc00::1]/',
  'http://[fec0::1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[2001::1]/',
  'http://[::127.0.0.1]/',
  'http://[4000::1]/',
]

test.each(PRIVATE)('%s is refused before anything is sent', async (url) => {
  expect(await poster([])(url)).toBe('address_refused')
})

test('a redirect is an answer, and leads nowhere', async () => {
  const [inside, outside] = [await server(), await server()]
  outside.answer = () => ({ status: 307, headers: { location: `http://127.0.0.1:${inside.port}/` } })
  expect(await poster(LOOPBACK)(`http://127.0.0.1:${outside.port}/`)).toMatchObject({ status: 307 })
  expect(inside.requests).toEqual([])
})

test('a name of which one address is private is refused, whichever is first', async () => {
  const { port, requests } = await server()
  const both = [
    { address: '203.0.114.7', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ]
  for (const addresses of [both, both.toReversed()]) {
    expect(await poster([], () => Promise.resolve(addresses))(`http://hook.example:${port}/`)).toBe(
      'address_refused',
    )
  }
  expect(requests).toEqual([])
})

test('the connection goes to the address that was looked at, whatever the resolver says next', async () => {
  const { port, requests } = await server()
  let asked = 0
  const rebinding: Resolve = () => {
    asked += 1
    return Promise.resolve([{ address: asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }])
  }
  const post = poster(['127.0.0.1/32'], rebinding)
  expect(await post(`http://hook.example:${port}/`)).toMatchObject({ status: 204 })
  expect(asked).toBe(1)
  expect(requests[0]!.headers.host).toBe(`hook.example:${port}`)
  const anew = poster(['127.0.0.1/32'], rebinding)
  expect(await anew(`http://hook.example:${port}/`)).toBe('address_refused')
})

test('a server that is cut off, away, or says too much is an outcome and no fault', async () => {
  const made = await server()
  const post = poster(LOOPBACK)
  made.answer = () => undefined
  expect(await post(`http://127.0.0.1:${made.port}/`)).toBe('unreachable')
  made.answer = () => ({ status: 200, body: 'x'.repeat(1_000_000), headers: { 'retry-after': '7' } })
  const long = await post(`http://127.0.0.1:${made.port}/`)
  expect(long).toMatchObject({ status: 200, retryAfter: '7' })
  await made.stop()
  expect(await post(`http://127.0.0.1:${made.port}/`)).toBe('unreachable')
  expect(await poster([], () => Promise.reject(new Error('ENOTFOUND')))('http://nowhere.example/')).toBe(
    'unreachable',
  )
})
