import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** What no client library would send: broken requests with a person's values in them, and connections that break off. */

const ANSWER_WITHIN_MS = 2_000
/** Node refuses headers past 16 KiB with 431. */
const TOO_MANY_HEADER_BYTES = 20_000

/** Whole bytes of a request, and whether the connection is torn down once they are sent. */
type Broken = { bytes: Buffer; tornDown?: true }

/** @returns what was answered to each. */
export async function sendBroken(url: string, bearer: string, value: string): Promise<string[]> {
  const { hostname, port } = new URL(url)
  return Promise.all(brokenRequests(bearer, value).map((broken) => sendRaw(hostname, Number(port), broken)))
}

async function sendRaw(host: string, port: number, { bytes, tornDown }: Broken): Promise<string> {
  const socket = connect(port, host)
  let said = ''
  socket.setEncoding('utf8').on('data', (text: string) => (said += text))
  socket.on('error', () => {}) // A torn connection is what is asked for.
  await once(socket, 'connect')
  socket.write(bytes)
  if (tornDown) {
    await pause(5)
    socket.resetAndDestroy()
  } else {
    socket.end()
    await Promise.race([once(socket, 'close'), pause(ANSWER_WITHIN_MS)])
    socket.destroy()
  }
  return said
}

function brokenRequests(bearer: string, value: string): Broken[] {
  const escaped = encodeURIComponent(value)
  const body = JSON.stringify({ items: [{ key: 'a', person: { name: value, phone: value } }] })
  const head = (line: string, ...headers: string[]): string =>
    [line, 'Host: vault.test', `Authorization: Bearer ${bearer}`, ...headers, '', ''].join('\r\n')
  const json = 'Content-Type: application/json'
  const post = 'POST /v1/tokenize HTTP/1.1'
  const length = Buffer.byteLength(body)
  const whole: string[] = [
    head(`GET /v1/${value} HTTP/1.1`),
    head(`GET http://${escaped}/v1/parties HTTP/1.1`),
    head(`GET http://[${value}/v1 HTTP/1.1`),
    head(`GET //${escaped}@vault.test/%zz HTTP/1.1`),
    head(`GET /v1/subjects/%ff%${escaped} HTTP/1.1`),
    head(`GET *${escaped} HTTP/1.1`),
    head(`CONNECT ${escaped}:443 HTTP/1.1`),
    head(`${escaped} /v1/parties HTTP/1.1`),
    head(`GET /v1/parties HTTP/${escaped}`),
    `GET /v1/parties HTTP/1.1\r\nHost: ${value}\r\n\r\n`,
    `GET /v1/parties?name=${escaped} HTTP/1.1\r\nHost: ${escaped}:99999/\\\r\n\r\n`,
    `GET /v1/parties?name=${escaped} HTTP/1.0\r\n\r\n`,
    head('GET /v1/parties HTTP/1.1', `${value}: 1`, `X-Name: ${value}\u0001`),
    head('GET /v1/parties HTTP/1.1', `X-Name: ${value.repeat(TOO_MANY_HEADER_BYTES / value.length)}`),
    head('GET /v1/parties HTTP/1.1', `Expect: ${escaped}`),
    head('GET /v1/parties HTTP/1.1', 'Connection: Upgrade', `Upgrade: ${escaped}`),
    head(post, json, `Transfer-Encoding: ${escaped}`) + body,
    head(post, json, `Content-Length: ${escaped}`) + body,
    head(post, json, 'Content-Length: 5', `Content-Length: ${length}`) + body,
    head(post, json, 'Transfer-Encoding: chunked') + `${value}\r\n${body}\r\n0\r\n\r\n`,
    head(post, json, 'Transfer-Encoding: chunked') + `${length.toString(16)};${escaped}\r\n${body}`,
    head(post, json, `Content-Length: ${length}`) + body + body,
    head(post, json, `Content-Length: ${2 * length}`) + body,
  ]
  const torn = [
    head(post, json, `Content-Length: ${2 * length}`) + body,
    head(post, json, 'Transfer-Encoding: chunked') + `${length.toString(16)}\r\n${body}`,
    head(post, json, `Content-Length: ${length}`) + body,
    head(post, json, `Content-Length: 9000000`) + body,
  ]
  const notText = Buffer.concat([
    Buffer.from(`{"${value}":"`),
    Buffer.from([0xff, 0xfe, 0xc0]),
    Buffer.from(`${value}"}`),
  ])
  const latin = Buffer.concat([Buffer.from(head(post, json, `Content-Length: ${notText.length}`)), notText])
  return [
    ...whole.map((text) => ({ bytes: Buffer.from(text) })),
    { bytes: latin },
    ...torn.map((text): Broken => ({ bytes: Buffer.from(text), tornDown: true })),
  ]
}
