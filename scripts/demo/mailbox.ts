import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'

/** A mail as its reader has it. */
export type Mail = { id: string; to: string; subject: string; text: string; html: string }

/** A mail server on this machine: whatever it is given lies in a mailbox, by the address that it came to. */
export class Mailbox {
  readonly #server: SMTPServer
  readonly #raw: { to: string; bytes: Buffer }[] = []

  constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 1_000,
      logger: false,
      onData: (stream, { envelope }, done) => {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => {
          const bytes = Buffer.concat(chunks)
          for (const { address } of envelope.rcptTo) this.#raw.push({ to: address, bytes })
          done(null)
        })
      },
    })
  }

  /** @returns where it can be reached, as `CLOAKROOM_SMTP_URL` has it. */
  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server.server, 'listening')
    const { port } = this.#server.server.address() as AddressInfo
    return `smtp://127.0.0.1:${port}?tls=none`
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(resolve))
  }

  /** All that has come, in the order in which it came. */
  async read(): Promise<readonly Mail[]> {
    return Promise.all(
      this.#raw.map(async ({ to, bytes }) => {
        const { messageId = '', subject = '', text = '', html = '' } = await PostalMime.parse(bytes)
        return { id: messageId, to, subject, text, html }
      }),
    )
  }
}
