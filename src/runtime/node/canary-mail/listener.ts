import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server'
import { VaultError } from '../../../core/errors.ts'
import { MINUTE_MS, SECOND_MS } from '../../../core/time.ts'
import type { TenantId } from '../../../core/id.ts'
import { canariesAt, takeDelivered } from '../../../vault/canaries/mail.ts'
import type { Mail } from '../../../vault/canaries/mail.ts'
import type { Vault } from '../../../vault/vault.ts'
import { log } from '../log.ts'
import { readHeaders } from './headers.ts'
import type { CanaryMailSettings } from './settings.ts'

export type CanaryMailLimits = {
  /** Of one mail, and of headers that are looked at. */
  mailBytes: number
  headBytes: number
  /** Of all that one connection sends, and how long it may last. */
  connectionBytes: number
  connectionMs: number
  idleMs: number
  connections: number
  connectionsOfOne: number
  recipients: number
  /** Recipients that are nobody's, after which a connection is of no use any more. */
  wrongRecipients: number
  mailsASecond: number
}

export const CANARY_MAIL_LIMITS: CanaryMailLimits = {
  mailBytes: 1024 * 1024,
  headBytes: 64 * 1024,
  connectionBytes: 8 * 1024 * 1024,
  connectionMs: 5 * MINUTE_MS,
  idleMs: 30 * SECOND_MS,
  connections: 50,
  connectionsOfOne: 10,
  recipients: 20,
  wrongRecipients: 10,
  mailsASecond: 20,
}

export type CanaryMailListener = { port: number; stop(): Promise<void> }

type Reply = Error & { responseCode: number }
type Done = (error?: Error | null) => void

function reply(responseCode: number, message: string): Reply {
  return Object.assign(new Error(message), { responseCode })
}

const LATER = reply(451, '4.3.0 Not now')

/**
 * Listens for mail to canaries, and to nobody else: nothing is passed on, of a mail's text nothing is kept but its hash, and headers are
 * sealed. Whoever sends here is not trusted with anything.
 * @throws VaultError `config_invalid` if the port cannot be listened on.
 */
export async function listenForCanaryMail(
  vault: Vault,
  { port, host, tls }: CanaryMailSettings,
  limits: CanaryMailLimits = CANARY_MAIL_LIMITS,
): Promise<CanaryMailListener> {
  const desk = new Desk(vault, limits)
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: tls ? ['AUTH'] : ['AUTH', 'STARTTLS'],
    ...(tls && { cert: tls.cert, key: tls.key.exposeSecret() }),
    disableReverseLookup: true,
    // Not the machine's own name.
    name: 'mail',
    banner: 'ready',
    logger: false,
    size: limits.mailBytes,
    maxClients: limits.connections,
    socketTimeout: limits.idleMs,
    closeTimeout: SECOND_MS,
    onConnect: (session, done) => desk.connect(session, done),
    onClose: (session) => desk.leave(session),
    onRcptTo: ({ address }, session, done) =>
      void desk.recipient(address, session).then(done, () => done(LATER)),
    onData: (stream, session, done) => void desk.take(stream, session).then(done, () => done(LATER)),
  })
  // A caller's broken connection is the caller's; nothing of what it sent goes into a log.
  server.on('error', () => undefined)
  server.server.on('connection', (socket: Socket) => bound(socket, limits))
  const listening = server.listen(port, host)
  await Promise.race([once(listening, 'listening'), failure(server, host, port)])
  const address = listening.address()
  log({ level: 'info', event: 'canary_mail_listening' })
  return {
    port: typeof address === 'object' && address ? address.port : port,
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}

async function failure(server: SMTPServer, host: string, port: number): Promise<never> {
  const [cause] = (await once(server, 'error')) as [Error & { code?: string }]
  throw new VaultError(
    'config_invalid',
    `Cannot listen for mail on ${host}:${port} (${cause.code ?? 'unknown'}).`,
    {
      cause,
    },
  )
}

const LOOK_MS = 250

/** Neither dripping nor flooding keeps a connection: it has so long, and so many bytes. */
function bound(socket: Socket, { connectionBytes, connectionMs }: CanaryMailLimits): void {
  const end = setTimeout(() => socket.destroy(), connectionMs)
  const look = setInterval(() => {
    if (socket.bytesRead > connectionBytes) socket.destroy()
  }, LOOK_MS)
  end.unref()
  look.unref()
  socket.once('close', () => {
    clearTimeout(end)
    clearInterval(look)
  })
}

/** What is known of those who are connected, and what is done with what they say. */
class Desk {
  readonly #vault: Vault
  readonly #limits: CanaryMailLimits
  readonly #byAddress = new Map<string, number>()
  readonly #wrong = new Map<string, number>()
  #second = 0
  #taken = 0

  constructor(vault: Vault, limits: CanaryMailLimits) {
    this.#vault = vault
    this.#limits = limits
  }

  connect({ remoteAddress }: SMTPServerSession, done: Done): void {
    const count = (this.#byAddress.get(remoteAddress) ?? 0) + 1
    this.#byAddress.set(remoteAddress, count)
    done(count > this.#limits.connectionsOfOne ? reply(421, '4.7.0 Too many connections') : null)
  }

  leave({ id, remoteAddress }: SMTPServerSession): void {
    const count = (this.#byAddress.get(remoteAddress) ?? 1) - 1
    if (count > 0) this.#byAddress.set(remoteAddress, count)
    else this.#byAddress.delete(remoteAddress)
    this.#wrong.delete(id)
  }

  async recipient(address: string, { id, envelope }: SMTPServerSession): Promise<Reply | null> {
    if (envelope.rcptTo.length >= this.#limits.recipients) return reply(452, '4.5.3 Too many recipients')
    const wrong = this.#wrong.get(id) ?? 0
    if (wrong >= this.#limits.wrongRecipients) return reply(421, '4.7.0 Too many wrong recipients')
    if ((await this.#tenantsOf(address)).length > 0) return null
    this.#wrong.set(id, wrong + 1)
    return reply(550, '5.1.1 Nobody here')
  }

  async take(stream: SMTPServerDataStream, { envelope }: SMTPServerSession): Promise<Reply | null> {
    const { head, sha256 } = await read(stream, this.#limits.headBytes)
    if (stream.sizeExceeded) return reply(552, '5.3.4 Too large')
    if (this.#isFull()) return LATER
    const { from, subject, sentAt } = readHeaders(head)
    const sender = envelope.mailFrom === false ? '' : envelope.mailFrom.address
    for (const { address: to } of envelope.rcptTo) {
      const mail: Mail = { to, from: from ?? sender, subject, sentAt, sha256 }
      for (const tenant of await this.#tenantsOf(to)) await takeDelivered(this.#vault, tenant, mail)
    }
    return null
  }

  /** Whose canary it is: nearly always one tenant's. */
  async #tenantsOf(address: string): Promise<readonly TenantId[]> {
    const found: TenantId[] = []
    for (const { tenant } of await this.#vault.store.listCanaryWalks()) {
      if ((await canariesAt(this.#vault, tenant, address)).length > 0) found.push(tenant)
    }
    return found
  }

  /** A mail is a commit: more than these wait at the sender's. */
  #isFull(): boolean {
    const second = Math.floor(Date.now() / SECOND_MS)
    if (second !== this.#second) {
      this.#second = second
      this.#taken = 0
    }
    this.#taken += 1
    return this.#taken > this.#limits.mailsASecond
  }
}

/** Goes through a mail without keeping it. */
async function read(
  stream: SMTPServerDataStream,
  headBytes: number,
): Promise<{ head: Buffer; sha256: string }> {
  const hash = createHash('sha256')
  const kept: Buffer[] = []
  let size = 0
  for await (const part of stream) {
    const chunk = part as Buffer
    hash.update(chunk)
    if (size < headBytes) kept.push(chunk.subarray(0, headBytes - size))
    size += chunk.length
  }
  return { head: Buffer.concat(kept), sha256: hash.digest('hex') }
}
