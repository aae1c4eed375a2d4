import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

type Cutting = { deliver: boolean | 'later'; forGood?: boolean }

/** A way to a server that can be cut in the middle of a transaction. */
export type Way = {
  url: string
  /**
   * From the next time that a client sends `commit`: the server is given what was sent, and the client is never told what came of it.
   * Without `deliver` the server is not given it either; `later` leaves it on the way until `deliverLate`.
   * `forGood`: nobody gets through any more.
   */
  cutAtCommit(options: Cutting): void
  /** The server gets what was left on the way, however long its sender is gone. */
  deliverLate(): void
  close(): Promise<void>
}

const COMMIT = Buffer.from('commit\0')

export async function cuttableWay(serverUrl: string): Promise<Way> {
  const target = new URL(serverUrl)
  let cutting: Cutting | undefined
  let isOpen = true
  let late: () => void = () => undefined
  const sockets = new Set<Socket>()
  const way = createServer((client) => {
    if (!isOpen) {
      client.destroy()
      return
    }
    const server = connect(Number(target.port), target.hostname)
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    let cut = false
    client.on('data', (sent: Buffer) => {
      if (cutting && sent.includes(COMMIT)) {
        const { deliver, forGood } = cutting
        isOpen = forGood !== true
        cutting = undefined
        cut = true
        if (deliver === 'later') late = () => server.write(sent)
        else if (deliver) server.write(sent, () => server.end())
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
    deliverLate() {
      late()
    },
    async close() {
      way.close()
      for (const socket of sockets) socket.destroy()
      await once(way, 'close')
    },
  }
}
