import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export type Mail = { id: string; to: readonly string[]; raw: string }

/** How a server takes one recipient's mail; `drops` closes in the middle of it, `drips` never comes to an end. */
export type Manner = 'takes' | 'bounces' | 'defers' | 'full' | 'spam' | 'drops' | 'drips' | 'takes and drops'

export type MailServer = {
  port: number
  /** What it said yes to, or would have. */
  readonly mails: Mail[]
  readonly connections: () => number
  /** By the local part of the address; set anew for what a test needs. */
  manner: (address: string) => Manner
  /** Told of each mail as it was taken over, before the yes to it goes out. */
  onMail: (id: string, manner: Manner) => void
  /** Refuses every connection with this greeting, and every recipient over those that are open. */
  greeting: number | undefined
  stop(): Promise<void>
}

type Reply = Error & { responseCode?: number }

function reply(responseCode: number, message: string): Reply {
  return Object.assign(new Error(message), { responseCode })
}

/** A real SMTP server on this machine, with the faults that servers have. */
export async function startMailServer(options: { tls?: boolean; port?: number } = {}): Promise<MailServer> {
  const mails: Mail[] = []
  const cut = (id: string) => {
    for (const one of server.connections as Set<{ id: string }>) {
      // Its own way to close says goodbye first.
      if (one.id === id) (Reflect.get(one, '_socket') as { destroy(): void }).destroy()
    }
  }
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    disabledCommands: options.tls ? ['AUTH'] : ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect(_session, done) {
      done(made.greeting === undefined ? null : reply(made.greeting, 'not now'))
    },
    onRcptTo({ address }, _session, done) {
      if (made.greeting !== undefined) return done(reply(made.greeting, 'not now'))
      const manner = made.manner(address)
      if (manner === 'bounces') return done(reply(550, `5.1.1 <${address}> unknown`))
      if (manner === 'defers') return done(reply(451, `4.7.1 <${address}> later`))
      if (manner === 'full') return done(reply(452, '4.2.2 full'))
      return done(null)
    },
    onData(stream, session, done) {
      const [recipient] = session.envelope.rcptTo
      const manner = made.manner(recipient?.address ?? '')
      const chunks: Buffer[] = []
      if (manner === 'drops') return cut(session.id)
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8')
        if (manner === 'spam') return done(reply(554, '5.7.1 looks like spam'))
        if (manner === 'drips') return
        const id = /^message-id:\s*<([^>]+)>/im.exec(raw)?.[1] ?? ''
        mails.push({ id, to: session.envelope.rcptTo.map(({ address }) => address), raw })
        made.onMail(id, manner)
        if (manner === 'takes and drops') return cut(session.id)
        done(null)
      })
    },
  })
  server.on('error', () => undefined)
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server.server, 'listening')
  const made: MailServer = {
    port: (server.server.address() as AddressInfo).port,
    mails,
    connections: () => server.connections.size,
    manner: () => 'takes',
    onMail: () => undefined,
    greeting: undefined,
    stop: () => new Promise((stopped) => server.close(() => stopped())),
  }
  return made
}
