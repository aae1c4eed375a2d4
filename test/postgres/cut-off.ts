import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

/** A way to a server that can be cut in the middle of a transaction. */
export type Way = {
  url: string
  /**
   * From the next time that a client sends `commit`: the server is given what was sent, and the client is never told what came of it.
   * Without `deliver` the server is not given it either.
   */
  cutAtCommit(options: { deliver: boolean }): void
  close(): Promise<void>
}

const COMMIT = Buffer.from('commit\0')

export async function cuttableWay(serverUrl: string): Promise<Way> {
  const target = new URL(serverUrl)
  let cutting: { deliver: boolean } | undefined
  const sockets = new Set<Socket>()
  const way = createServer((client) => {
    const server = connect(Number(target.port), target.hostname)
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    let cut = false
    client.on('data', (sent: Buffer) => {
      if (cutting && sent.includes(COMMIT)) {
        const { deliver } = cutting
        cutting = undefined
        cut = true
        if (deliver) server.write(sent, () => server.end())
        else server.destroy()
        client.destroy()
        return
      }
      if (!cut) server.write(sent)
    })
    server.on('data', (answer: Buffer) => !cut && client.write(answer))
    client.on('close', () => !cut && server.destroy())
    server.on('close', () => client.destroy())
  })
  way.listen(0, '127.0.0.1')
  await once(way, 'listening')
  const address = way.address()
  const url = new URL(serverUrl)
  url.port = String(typeof address === 'object' && address ? address.port : 0)
  return {
    url: url.href,
    cutAtCommit(options) {
      cutting = options
    },
    async close() {
      way.close()
      for (const socket of sockets) socket.destroy()
      await once(way, 'close')
    },
  }
}
