import { Agent, request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'

export type Shot = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  /** The bearer. */
  key: string
  body?: unknown
  idempotencyKey?: string
}

export type Answer = { status: number; headers: IncomingHttpHeaders; text: string }

/** Where it listens now: a service that was started again may do so elsewhere. */
export type Listening = { readonly url: string }

/**
 * Keep-alive sockets to one service. A shot is on its way when `send` returns, and its answer has been read to the end
 * when the promise resolves: that is what "sent after" and "acknowledged" rest on.
 */
export class Connection {
  readonly #agent: Agent
  readonly #service: Listening
  readonly #resends: boolean

  /**
   * @param sockets how many requests may be under way at once; the others wait.
   * @param options.resends for a service that is never killed: what meets the end of an idle socket was not taken, and is sent again.
   */
  constructor(service: Listening, sockets = 1, { resends } = { resends: false }) {
    this.#service = service
    this.#agent = new Agent({ keepAlive: true, maxSockets: sockets })
    this.#resends = resends
  }

  /** @throws Error if the connection broke off: whether the request had its effect is then unknown. */
  send(shot: Shot): Promise<Answer> {
    const { method, path, key, body, idempotencyKey } = shot
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    const headers = {
      authorization: `Bearer ${key}`,
      ...(payload && { 'content-type': 'application/json', 'content-length': payload.length }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    }
    return new Promise((resolve, reject) => {
      const sent = request(this.#service.url + path, { agent: this.#agent, method, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => (text += part))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        )
        response.on('error', reject)
      })
      sent.on('error', (error) => {
        const isIdleEnd = sent.reusedSocket && 'code' in error && error.code === 'ECONNRESET'
        if (this.#resends && isIdleEnd) resolve(this.send(shot))
        else reject(error)
      })
      sent.end(payload)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** For what has to work: the parsed body. */
export async function mustSend<Body>(connection: Connection, shot: Shot): Promise<Body> {
  const { status, text } = await connection.send(shot)
  if (status >= 300) throw new Error(`${shot.method} ${shot.path}: ${status} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as Body
}
