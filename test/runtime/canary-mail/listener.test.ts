import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CANARY_MAIL_LIMITS, listenForCanaryMail } from '../../../src/runtime/node/canary-mail/listener.ts'
import type { CanaryMailLimits } from '../../../src/runtime/node/canary-mail/listener.ts'
import { readCanaryMail } from '../../../src/runtime/node/canary-mail/settings.ts'
import type { CanaryMailSettings } from '../../../src/runtime/node/canary-mail/settings.ts'
import { readHeaders } from '../../../src/runtime/node/canary-mail/headers.ts'
import { lookOutForTouches } from '../../../src/vault/canaries/look-out.ts'
import type { Json } from '../../http/harness.ts'
import { openWorld } from '../../http/world.ts'

const HERE: CanaryMailSettings = { port: 0, host: '127.0.0.1', tls: undefined }

async function listening(limits: Partial<CanaryMailLimits> = {}, settings = HERE) {
  const world = await openWorld()
  onTestFinished(() => world.close())
  const listener = await listenForCanaryMail(world.vault, settings, { ...CANARY_MAIL_LIMITS, ...limits })
  onTestFinished(() => listener.stop())
  const planted = await world.ok(world.platform, '/v1/canaries', {
    party: world.shop.id,
    made_up: { locale: 'en', email: '{random}@shop-mail.example', seed: 's' },
  })
  const { person, subject } = planted.body.items[0]
  const signals = async (): Promise<Json[]> => {
    await lookOutForTouches(world.vault)
    return (await world.ok(world.platform, '/v1/signals')).body.items
  }
  return { world, port: listener.port, address: person.email as string, subject: subject as string, signals }
}

function mailer(port: number, options: object = {}) {
  const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true, ...options })
  onTestFinished(() => transport.close())
  return transport
}

/** Speaks SMTP by hand: sends each line once the one before was answered, and gives the last answer. */
async function speak(socket: Socket, lines: readonly string[]): Promise<string[]> {
  const answers = [await answer(socket)]
  for (const line of lines) {
    socket.write(`${line}\r\n`)
    answers.push(await answer(socket))
  }
  return answers
}

async function answer(socket: Socket): Promise<string> {
  const [data] = (await once(socket, 'data')) as [Buffer]
  return data.toString('utf8').trim()
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

describe('mail to a canary', () => {
  test('is taken in over SMTP: a signal, sealed headers, the hash, and nothing of its text', async () => {
    const { world, port, address, subject, signals } = await listening()
    await mailer(port).sendMail({
      from: 'Cheap Shoes <ads@elsewhere.example>',
      to: `Some One <${address.toUpperCase()}>`,
      subject: 'Only today',
      text: 'the body that nobody keeps',
    })
    expect(await signals()).toMatchObject([
      { detector: 'canary', severity: 'critical', implicated: { party: world.shop.id, subject } },
    ])
    const { items } = (await world.ok(world.platform, `/v1/canaries/${subject}/mail`)).body
    expect(items).toMatchObject([
      {
        from: 'Cheap Shoes <ads@elsewhere.example>',
        subject: 'Only today',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        sent_at: expect.any(String),
      },
    ])
    expect(JSON.stringify(items)).not.toContain('nobody keeps')
    expect((await world.ok(world.platform, '/v1/events?limit=100')).text).not.toMatch(/elsewhere|today/i)
  })

  test('to nobody, to somebody who exists, or through to others, is refused, and raises nothing', async () => {
    const { world, port, signals } = await listening()
    await world.addCustomer('u-1')
    for (const to of ['nobody@shop-mail.example', 'xm.wang@example.com', 'friend@elsewhere.example']) {
      await expect(mailer(port).sendMail({ from: 'a@b.example', to, text: 'x' })).rejects.toMatchObject({
        responseCode: 550,
      })
    }
    expect(await signals()).toEqual([])
  })

  test('a retired canary gets no mail any more', async () => {
    const { world, port, address, subject } = await listening()
    await world.ok(world.platform, `/v1/canaries/${subject}`, undefined, 'DELETE')
    const sent = mailer(port).sendMail({ from: 'a@b.example', to: address, text: 'x' })
    await expect(sent).rejects.toMatchObject({ responseCode: 550 })
  })

  test('STARTTLS is there with a certificate, and not without one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'canary-tls-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost']
    execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    const env: Record<string, string> = {
      CLOAKROOM_CANARY_SMTP_PORT: '0',
      CLOAKROOM_CANARY_SMTP_KEY: key,
      CLOAKROOM_CANARY_SMTP_CERT: cert,
    }
    const settings = readCanaryMail((name) => env[name])!
    const { port, address, signals } = await listening({}, settings)
    const encrypted = {
      ignoreTLS: false,
      requireTLS: true,
      tls: { ca: readFileSync(cert), servername: 'localhost' },
    }
    await mailer(port, encrypted).sendMail({ from: 'a@b.example', to: address, text: 'x' })
    expect(await signals()).toHaveLength(1)
    const plain = await listening()
    const refused = mailer(plain.port, encrypted).sendMail({
      from: 'a@b.example',
      to: plain.address,
      text: 'x',
    })
    await expect(refused).rejects.toThrow()
  })
})

describe('hostile senders', () => {
  test('a mail that is too large is refused, said or not, and one without an end is cut off', async () => {
    const { port, address, signals } = await listening({ mailBytes: 100_000, connectionBytes: 1_000_000 })
    const large = { from: 'a@b.example', to: address, text: 'x'.repeat(200_000) }
    await expect(mailer(port).sendMail(large)).rejects.toMatchObject({ responseCode: 552 })
    const unsaid = await dial(port)
    await speak(unsaid, ['EHLO x', 'MAIL FROM:<a@b.example>', `RCPT TO:<${address}>`, 'DATA'])
    unsaid.write(`${'y'.repeat(900)}\r\n`.repeat(200))
    unsaid.write('\r\n.\r\n')
    expect(await answer(unsaid)).toMatch(/^552/)
    const endless = await dial(port)
    await speak(endless, ['EHLO x', 'MAIL FROM:<a@b.example>', `RCPT TO:<${address}>`, 'DATA'])
    const flood = setInterval(() => endless.write('z'.repeat(60_000)), 5)
    await once(endless, 'close')
    clearInterval(flood)
    expect(await signals()).toEqual([])
  })

  test('who is slow is cut off: silent, or a byte at a time', async () => {
    const { port, signals } = await listening({ idleMs: 300, connectionMs: 900 })
    const silent = await dial(port)
    silent.resume()
    const dripping = await dial(port)
    dripping.resume()
    const drip = setInterval(() => dripping.write('N'), 100)
    await Promise.all([once(silent, 'close'), once(dripping, 'close')])
    clearInterval(drip)
    expect(await signals()).toEqual([])
  })

  test('many connections of one, and many guesses, are turned away; others are served meanwhile', async () => {
    const { port, address, signals } = await listening({ connectionsOfOne: 3, wrongRecipients: 2 })
    const kept = await Promise.all([dial(port), dial(port), dial(port)])
    for (const socket of kept) expect(await answer(socket)).toMatch(/^220/)
    const fourth = await dial(port)
    expect(await answer(fourth)).toMatch(/^421/)
    for (const socket of [...kept, fourth]) socket.destroy()
    const isFree = () =>
      mailer(port)
        .verify()
        .catch(() => false)
    await expect.poll(isFree).toBe(true)
    const guessing = await dial(port)
    const guesses = ['a', 'b', 'c'].map((name) => `RCPT TO:<${name}@shop-mail.example>`)
    const answers = await speak(guessing, ['EHLO x', 'MAIL FROM:<a@b.example>', ...guesses])
    expect(answers.slice(-3).map((one) => one.slice(0, 3))).toEqual(['550', '550', '421'])
    await mailer(port).sendMail({ from: 'a@b.example', to: address, text: 'x' })
    expect(await signals()).toHaveLength(1)
  })

  test('a flood of mails is told to come later, once it is too many a second', async () => {
    const { port, address } = await listening({ mailsASecond: 0 })
    const sent = mailer(port).sendMail({ from: 'a@b.example', to: address, text: 'x' })
    await expect(sent).rejects.toMatchObject({ responseCode: 451 })
  })

  test('garbage and commands that relay or log in get a refusal, and the listener goes on', async () => {
    const { port, address, signals } = await listening()
    const socket = await dial(port)
    const answers = await speak(socket, [
      '\u0000\u0001\u0002',
      'EHLO x',
      'AUTH PLAIN AGEAYg==',
      'VRFY root',
      'STARTTLS',
    ])
    expect(answers.slice(1).map((one) => one.slice(0, 1))).toEqual(['5', '2', '5', '2', '5'])
    socket.destroy()
    await mailer(port).sendMail({ from: 'a@b.example', to: address, text: 'x' })
    expect(await signals()).toHaveLength(1)
  })

  test('headers are unfolded and cut short, and nothing of the body is taken for one', () => {
    const head = `From: a@b.example\r\nSubject: one\r\n  two ${'x'.repeat(5_000)}\r\nDate: nonsense\r\n\r\nFrom: c@d.example\r\n`
    const { from, subject, sentAt } = readHeaders(Buffer.from(head))
    expect(from).toBe('a@b.example')
    expect(subject).toMatch(/^one two x+$/)
    expect(subject).toHaveLength(1_000)
    expect(sentAt).toBeUndefined()
    expect(readHeaders(Buffer.from('\r\n\r\nFrom: c@d.example')).from).toBeUndefined()
  })
})

test('settings that cannot be are said by their name', () => {
  const read = (env: Record<string, string>) => () => readCanaryMail((name) => env[name])
  expect(read({})()).toBeUndefined()
  expect(read({ CLOAKROOM_CANARY_SMTP_PORT: '2525' })()).toEqual({
    port: 2525,
    host: '127.0.0.1',
    tls: undefined,
  })
  expect(read({ CLOAKROOM_CANARY_SMTP_PORT: 'x' })).toThrow(/CLOAKROOM_CANARY_SMTP_PORT/)
  const half = { CLOAKROOM_CANARY_SMTP_PORT: '1', CLOAKROOM_CANARY_SMTP_CERT: '/x' }
  expect(read(half)).toThrow(/CLOAKROOM_CANARY_SMTP_KEY/)
  expect(read({ ...half, CLOAKROOM_CANARY_SMTP_KEY: '/y' })).toThrow(/CLOAKROOM_CANARY_SMTP_CERT/)
})
