import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** A way to a server that can be shut, with all who are in it, and opened again. */
export type Door = {
  url: string
  /** Every statement that went through to be planned. */
  statements(): string[]
  shut(): void
  open(): void
  close(): Promise<void>
}

export async function doorTo(serverUrl: string): Promise<Door> {
  const target = new URL(serverUrl)
  const sockets = new Set<Socket>()
  let isShut = false
  const sent: Buffer[] = []
  const letGo = () => sockets.forEach((socket) => socket.destroy())
  const door = createServer((client) => {
    if (isShut) {
      client.destroy()
      return
    }
    const server = connect(Number(target.port), target.hostname)
    client.on('data', (bytes: Buffer) => sent.push(bytes))
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  const url = new URL(serverUrl)
  url.port = String((door.address() as AddressInfo).port)
  return {
    url: url.href,
    statements: () => parsed(Buffer.concat(sent).toString('latin1')),
    shut() {
      isShut = true
      letGo()
    },
    open() {
      isShut = false
    },
    async close() {
      door.close()
      letGo()
      await once(door, 'close')
    },
  }
}

/** As the text stands in a Parse message: behind the end of the statement's name, which is empty, up to its own. */
function parsed(bytes: string): string[] {
  return [...bytes.matchAll(/\0((?:select|with|insert|update|delete)\b[^\0]*)\0/g)].map(
    ([, text]) => text ?? '',
  )
}
