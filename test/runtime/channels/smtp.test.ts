import { expect, onTestFinished, test } from 'vitest'
import { secret } from '../../../src/core/secret.ts'
import { smtpChannel } from '../../../src/runtime/node/channels/smtp.ts'
import type { SmtpSettings } from '../../../src/runtime/node/channels/smtp-settings.ts'
import type { Parcel } from '../../../src/vault/incidents/notices/channel.ts'
import { startMailServer } from './mail-server.ts'
import type { MailServer, Manner } from './mail-server.ts'
import { aParcel } from './parcel.ts'

async function opened(more: Partial<SmtpSettings> & { serverTls?: boolean; attemptMs?: number } = {}) {
  const { serverTls, attemptMs, ...settings } = more
  const server = await startMailServer({ ...(serverTls && { tls: true }) })
  const whole: SmtpSettings = {
    host: '127.0.0.1',
    port: server.port,
    tls: 'none',
    login: undefined,
    from: { name: 'Privacy office', address: 'privacy@vault.example' },
    connections: 3,
    ...settings,
  }
  const channel = smtpChannel(whole, attemptMs)
  onTestFinished(async () => {
    await channel.close()
    await server.stop()
  })
  return { server, channel }
}

function parcel(to: string, more: Partial<Parcel> = {}): Parcel {
  return aParcel({ to: secret(to), ...more })
}

function byName(server: MailServer): void {
  server.manner = (address) => (address.split('@')[0]?.replaceAll('-', ' ') ?? 'takes') as Manner
}

test('a mail is sent once the server has said yes, under the id that it has at each attempt', async () => {
  const { server, channel } = await opened()
  expect(await channel.send(parcel('a@example.com'))).toEqual({ result: 'sent' })
  expect(await channel.send(parcel('a@example.com'))).toEqual({ result: 'sent' })
  expect(server.mails.map(({ id }) => id)).toEqual(Array(2).fill(`${parcel('').id}@vault.example`))
  expect(server.mails[0]!.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m)
  expect(server.mails[0]!.raw).toMatch(/^Content-Language: de\r$/m)
  expect(server.mails[0]!.to).toEqual(['a@example.com'])
})

test.each([
  ['bounces', { result: 'bounced', code: '550 5.1.1' }],
  ['defers', { result: 'later', code: '451 4.7.1' }],
  ['full', { result: 'later', code: '452 4.2.2' }],
  ['spam', { result: 'failed', code: '554 5.7.1' }],
  ['drops', { result: 'down', code: expect.stringMatching(/^e[a-z]+$/) }],
  ['takes-and-drops', { result: 'down', code: expect.stringMatching(/^e[a-z]+$/) }],
])('a server that %s is told apart, and the next mail goes through', async (manner, outcome) => {
  const { server, channel } = await opened()
  byName(server)
  expect(await channel.send(parcel(`${manner}@example.com`))).toEqual(outcome)
  expect(await channel.send(parcel('takes@example.com'))).toEqual({ result: 'sent' })
})

test('a mail whose yes was lost is handed over once by one attempt', async () => {
  const { server, channel } = await opened()
  byName(server)
  await channel.send(parcel('takes@example.com'))
  await channel.send(parcel('takes-and-drops@example.com'))
  expect(server.mails).toHaveLength(2)
})

test('an attempt with a server that never comes to an end ends by itself, and nothing of it goes on', async () => {
  const { server, channel } = await opened({ attemptMs: 300 })
  byName(server)
  expect(await channel.send(parcel('drips@example.com'))).toEqual({ result: 'down', code: 'timeout' })
  await expect.poll(() => server.connections()).toBe(0)
  expect(await channel.send(parcel('takes@example.com'))).toEqual({ result: 'sent' })
  expect(server.mails).toHaveLength(1)
})

test('a server that refuses everybody, or is not there, says nothing about any recipient', async () => {
  const { server, channel } = await opened()
  server.greeting = 554
  expect(await channel.send(parcel('a@example.com'))).toMatchObject({ result: 'down' })
  server.greeting = 421
  expect(await channel.send(parcel('a@example.com'))).toMatchObject({ result: 'down' })
  server.greeting = undefined
  await server.stop()
  expect(await channel.send(parcel('a@example.com'))).toMatchObject({ result: 'down' })
})

const HOSTILE = [
  'a@example.com\r\nBcc: evil@example.com',
  'a@example.com, evil@example.com',
  '"evil@example.com" <a@example.com>',
  'a@example.com\r\nRCPT TO:<evil@example.com>',
  'a@exam\u0000ple.com',
  '<a@example.com>',
  'group: evil@example.com;',
  'no address at all',
  '',
]

test('an address that is more than one is not sent to', async () => {
  const { server, channel } = await opened()
  for (const address of HOSTILE) {
    expect(await channel.send(parcel(address)), address).toEqual({
      result: 'failed',
      code: 'address_invalid',
    })
  }
  expect(server.mails).toEqual([])
})

test('texts that break the line add neither a header nor a recipient', async () => {
  const { server, channel } = await opened()
  const subject = 'Dear a\r\nBcc: evil@example.com\r\n\r\nbody'
  const message = {
    subject,
    text: 'one\r\n.\r\nMAIL FROM:<x@example.com>\r\n.two',
    language: 'en\r\nX-Evil: 1',
  }
  expect(await channel.send(parcel('a@example.com', { message }))).toEqual({ result: 'sent' })
  const [mail] = server.mails
  expect(server.mails).toHaveLength(1)
  expect(mail!.to).toEqual(['a@example.com'])
  const head = mail!.raw.split('\r\n\r\n')[0]!
  expect(head).not.toMatch(/^(bcc|x-evil):/im)
  expect(mail!.raw).toContain('MAIL FROM:<x@example.com>')
})

test('where TLS is asked for nothing goes out without it, or to a server that nobody vouches for', async () => {
  const plain = await opened({ tls: 'required' })
  expect(await plain.channel.send(parcel('a@example.com'))).toMatchObject({ result: 'down' })
  expect(plain.server.mails).toEqual([])
  // Its certificate is one that it has made itself.
  const selfMade = await opened({ tls: 'required', serverTls: true })
  expect(await selfMade.channel.send(parcel('a@example.com'))).toMatchObject({ result: 'down' })
  expect(selfMade.server.mails).toEqual([])
})

test('no more connections are open than were allowed', async () => {
  const { server, channel } = await opened()
  let most = 0
  server.manner = () => {
    most = Math.max(most, server.connections())
    return 'takes'
  }
  const all = Array.from({ length: 60 }, (_, i) => channel.send(parcel(`u${i}@example.com`)))
  expect((await Promise.all(all)).every(({ result }) => result === 'sent')).toBe(true)
  expect(most).toBeLessThanOrEqual(3)
  expect(server.mails).toHaveLength(60)
})
