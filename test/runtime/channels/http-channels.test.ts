import { Webhook } from 'standardwebhooks'
import { describe, expect, onTestFinished, test } from 'vitest'
import { secret } from '../../../src/core/secret.ts'
import { instant } from '../../../src/core/time.ts'
import { gatewayChannel } from '../../../src/runtime/channels/gateway.ts'
import { readHttpChannels } from '../../../src/runtime/channels/settings.ts'
import { webhookChannel } from '../../../src/runtime/channels/webhook.ts'
import { readSmtp } from '../../../src/runtime/node/channels/smtp-settings.ts'
import { pinnedPost } from '../../../src/runtime/node/channels/pinned-post.ts'
import { startHttpServer } from './http-server.ts'
import type { Reply } from './http-server.ts'
import { aParcel } from './parcel.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

async function opened() {
  const server = await startHttpServer()
  const { post, close } = pinnedPost(['127.0.0.1/32'])
  onTestFinished(async () => {
    close()
    await server.stop()
  })
  const url = new URL(`http://127.0.0.1:${server.port}/in`)
  const webhook = webhookChannel({ url, secret: secret(SECRET) }, post)
  const sms = gatewayChannel('sms', { url, token: secret('t0ken') }, post)
  return { server, webhook, sms }
}

test('a webhook is signed as Standard Webhooks says, under the id that it has at each attempt', async () => {
  const { server, webhook } = await opened()
  server.answer = () => ({ status: 202 })
  const parcel = aParcel({ to: null, at: instant(Date.now()) })
  expect(await webhook.send(parcel)).toEqual({ result: 'delivered' })
  const [{ headers, body }] = server.requests as [(typeof server.requests)[number]]
  const read = new Webhook(SECRET).verify(body, headers as Record<string, string>)
  expect(read).toMatchObject({
    type: 'notice.due',
    data: { subject: parcel.subject, message: parcel.message },
  })
  expect(headers['webhook-id']).toBe(parcel.id)
  // Negative control: a body that somebody has changed is not the one that was signed.
  const changed = body.replace('notice.due', 'notice.dux')
  expect(() => new Webhook(SECRET).verify(changed, headers as Record<string, string>)).toThrow()
})

const NOT_TAKEN: [Reply | undefined, object][] = [
  [
    { status: 307, headers: { location: 'http://169.254.169.254/' } },
    { result: 'down', code: 'http_307' },
  ],
  [{ status: 400 }, { result: 'later', code: 'http_400' }],
  [{ status: 404 }, { result: 'later', code: 'http_404' }],
  [{ status: 410 }, { result: 'down', code: 'http_410' }],
  [
    { status: 429, headers: { 'retry-after': '9' } },
    { result: 'down', code: 'http_429', afterMs: 9_000 },
  ],
  [{ status: 500 }, { result: 'later', code: 'http_500' }],
  [{ status: 503 }, { result: 'down', code: 'http_503' }],
  [undefined, { result: 'down', code: 'unreachable' }],
]

test.each(NOT_TAKEN)('a webhook answered with %j is tried again', async (reply, outcome) => {
  const { server, webhook } = await opened()
  server.answer = () => reply
  expect(await webhook.send(aParcel({ to: null }))).toEqual(outcome)
})

test('a gateway is given number and text, the token, and an id to know a repetition by', async () => {
  const { server, sms } = await opened()
  server.answer = () => ({ status: 200, body: '{"status":"delivered"}' })
  const parcel = aParcel({ to: secret('+8613812345678') })
  expect(await sms.send(parcel)).toEqual({ result: 'delivered' })
  const [{ headers, body }] = server.requests as [(typeof server.requests)[number]]
  expect(headers).toMatchObject({ authorization: 'Bearer t0ken', 'idempotency-key': parcel.id })
  expect(JSON.parse(body)).toEqual({
    id: parcel.id,
    channel: 'sms',
    to: '+8613812345678',
    language: parcel.message.language,
    text: parcel.message.text,
    at: '2026-11-25T00:00:00.000Z',
  })
})

test.each([
  [{ status: 202 }, { result: 'sent' }],
  [{ status: 200, body: 'OK' }, { result: 'sent' }],
  [{ status: 422 }, { result: 'bounced', code: 'http_422' }],
  [{ status: 400 }, { result: 'failed', code: 'http_400' }],
  [{ status: 401 }, { result: 'down', code: 'http_401' }],
  [{ status: 500 }, { result: 'later', code: 'http_500' }],
])('a gateway that answers %j', async (reply, outcome) => {
  const { server, sms } = await opened()
  server.answer = () => reply
  expect(await sms.send(aParcel({ to: secret('+8613812345678') }))).toEqual(outcome)
})

describe('settings that cannot be', () => {
  const WRONG: [string, Record<string, string>][] = [
    ['CLOAKROOM_WEBHOOK_URL', { CLOAKROOM_WEBHOOK_URL: 'ftp://x/' }],
    [
      'CLOAKROOM_WEBHOOK_URL',
      { CLOAKROOM_WEBHOOK_URL: 'http://hook.example/', CLOAKROOM_WEBHOOK_SECRET: SECRET },
    ],
    ['CLOAKROOM_WEBHOOK_SECRET', { CLOAKROOM_WEBHOOK_URL: 'https://hook.example/' }],
    [
      'CLOAKROOM_WEBHOOK_SECRET',
      { CLOAKROOM_WEBHOOK_URL: 'https://hook.example/', CLOAKROOM_WEBHOOK_SECRET: 'whsec_short' },
    ],
    ['CLOAKROOM_SMS_URL', { CLOAKROOM_SMS_URL: 'https://user:pass@sms.example/' }],
    ['CLOAKROOM_VOICE_TOKEN', { CLOAKROOM_VOICE_URL: 'https://v.example/', CLOAKROOM_VOICE_TOKEN: 'a\r\nb' }],
    ['CLOAKROOM_OWN_NETWORKS', { CLOAKROOM_OWN_NETWORKS: '10.0.0.0/8, everything' }],
    ['CLOAKROOM_SMTP_URL', { CLOAKROOM_SMTP_URL: 'mail.example:25', CLOAKROOM_MAIL_FROM: 'a@b.example' }],
    [
      'CLOAKROOM_SMTP_URL',
      { CLOAKROOM_SMTP_URL: 'smtp://mail.example?tls=maybe', CLOAKROOM_MAIL_FROM: 'a@b.example' },
    ],
    [
      'CLOAKROOM_SMTP_URL',
      { CLOAKROOM_SMTP_URL: 'smtp://mail.example?connections=0', CLOAKROOM_MAIL_FROM: 'a@b.example' },
    ],
    ['CLOAKROOM_MAIL_FROM', { CLOAKROOM_SMTP_URL: 'smtps://mail.example' }],
    [
      'CLOAKROOM_MAIL_FROM',
      { CLOAKROOM_SMTP_URL: 'smtps://mail.example', CLOAKROOM_MAIL_FROM: 'a\r\nb <a@b.example>' },
    ],
  ]

  test.each(WRONG)('stop the start, naming %s and no value of it', (name, env) => {
    const read = () => [readHttpChannels((one) => env[one], 'production'), readSmtp((one) => env[one])]
    expect(read).toThrow(name)
    const values = Object.values(env).filter((value) => value !== '')
    for (const value of values) expect(read).not.toThrow(value)
  })
})

test('settings that can be', () => {
  const env: Record<string, string> = {
    CLOAKROOM_SMTP_URL: 'smtps://user%40x:p%3Aw@mail.example?connections=9',
    CLOAKROOM_MAIL_FROM: 'Privacy office <privacy@vault.example>',
  }
  const smtp = readSmtp((name) => env[name])!
  expect(smtp).toMatchObject({
    host: 'mail.example',
    port: 465,
    tls: 'implicit',
    connections: 9,
    from: { name: 'Privacy office', address: 'privacy@vault.example' },
  })
  expect([smtp.login!.user, smtp.login!.password.exposeSecret()]).toEqual(['user@x', 'p:w'])
  expect(readHttpChannels(() => undefined, 'production')).toEqual({
    webhook: undefined,
    sms: undefined,
    voice: undefined,
    own: [],
  })
})
