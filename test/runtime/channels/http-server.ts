import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Request = { path: string; headers: IncomingHttpHeaders; body: string }
export type Reply = { status: number; headers?: Record<string, string>; body?: string }

export type HttpServer = {
  port: number
  readonly requests: Request[]
  /** Undefined for none: the connection is cut. */
  answer: (request: Request) => Reply | undefined
  stop(): Promise<void>
}

export async function startHttpServer(host = '127.0.0.1', port = 0): Promise<HttpServer> {
  const server = createServer((asked, answered) => {
    const chunks: Buffer[] = []
    asked.on('data', (chunk: Buffer) => chunks.push(chunk))
    asked.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      const request = { path: asked.url ?? '', headers: asked.headers, body }
      made.requests.push(request)
      const reply = made.answer(request)
      if (reply) answered.writeHead(reply.status, reply.headers).end(reply.body)
      else asked.socket.destroy()
    })
  })
  server.listen(port, host)
  await once(server, 'listening')
  const made: HttpServer = {
    port: (server.address() as AddressInfo).port,
    requests: [],
    answer: () => ({ status: 204 }),
    stop() {
      server.closeAllConnections()
      return new Promise((stopped) => server.close(() => stopped()))
    },
  }
  return made
}
