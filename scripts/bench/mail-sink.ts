import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

/** A mail server on this machine that takes everything, and knows a repetition by its Message-ID. */
export type MailSink = { port: number; taken: () => number; different: () => number; stop(): void }

export async function startMailSink(): Promise<MailSink> {
  const ids = new Set<string>()
  let taken = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData(stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        taken += 1
        ids.add(/^message-id: *<([^>]+)>/im.exec(Buffer.concat(chunks).toString('latin1'))?.[1] ?? '')
        done(null)
      })
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  return { port, taken: () => taken, different: () => ids.size, stop: () => server.close(() => undefined) }
}
