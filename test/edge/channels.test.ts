import { Webhook } from 'standardwebhooks'
import { afterEach, expect, test, vi } from 'vitest'
import { secret } from '../../src/core/secret.ts'
import { instant } from '../../src/core/time.ts'
import { readConfig } from '../../src/runtime/cloudflare/bindings.ts'
import { openChannels } from '../../src/runtime/cloudflare/channels.ts'
import { aParcel } from '../runtime/channels/parcel.ts'

const SECRET = `whsec_${btoa('\u0007'.repeat(32))}`

afterEach(() => vi.unstubAllGlobals())

type Asked = { url: string; init: RequestInit }

function answering(answer: () => Response | Promise<Response>): Asked[] {
  const asked: Asked[] = []
  vi.stubGlobal('fetch', (url: URL, init: RequestInit) => {
    asked.push({ url: String(url), init })
    return Promise.resolve(answer())
  })
  return asked
}

function channelsOf(url: string) {
  const settings = {
    CLOAKROOM_ENV: 'development',
    CLOAKROOM_WEBHOOK_URL: url,
    CLOAKROOM_WEBHOOK_SECRET: SECRET,
    CLOAKROOM_SMS_URL: url,
    CLOAKROOM_SMS_TOKEN: 't0ken',
  }
  return openChannels(readConfig(settings).channels)
}

test('a web hook from a Worker is signed, and no redirect of it is followed', async () => {
  const asked = answering(() => new Response(null, { status: 204 }))
  const channels = channelsOf('https://hook.example/in')
  const parcel = aParcel({ to: null, at: instant(Date.now()) })
  expect(await channels.find('webhook')!.send(parcel)).toEqual({ result: 'delivered' })
  const [{ url, init }] = asked as [Asked]
  expect([url, init.redirect]).toEqual(['https://hook.example/in', 'manual'])
  const headers = init.headers as Record<string, string>
  expect(new Webhook(SECRET).verify(init.body as string, headers)).toMatchObject({ type: 'notice.due' })
  answering(() => new Response(null, { status: 307, headers: { location: 'http://127.0.0.1/' } }))
  expect(await channels.find('webhook')!.send(parcel)).toEqual({ result: 'down', code: 'http_307' })
})

test('a gateway from a Worker is shown its token, and a failure is an outcome', async () => {
  const asked = answering(() => new Response('{"status":"delivered"}'))
  const sms = channelsOf('https://sms.example/').find('sms')!
  expect(await sms.send(aParcel({ to: secret('+8613812345678') }))).toEqual({ result: 'delivered' })
  expect(asked[0]!.init.headers).toMatchObject({ authorization: 'Bearer t0ken' })
  answering(() => Promise.reject(new Error('no route')))
  expect(await sms.send(aParcel({ to: secret('+8613812345678') }))).toEqual({
    result: 'down',
    code: 'unreachable',
  })
})

test.each(['http://127.1/', 'http://0x7f000001/', 'http://[::ffff:10.0.0.1]/', 'http://169.254.169.254/'])(
  'a private address in a URL, %s, is refused before anything is asked',
  async (url) => {
    const asked = answering(() => new Response(null, { status: 204 }))
    const outcome = await channelsOf(url)
      .find('webhook')!
      .send(aParcel({ to: null }))
    expect(outcome).toEqual({ result: 'down', code: 'address_refused' })
    expect(asked).toEqual([])
  },
)

test('there is no e-mail from a Worker, and what is not set up is not there', () => {
  const channels = channelsOf('https://hook.example/in')
  expect(['email', 'voice', 'sms', 'webhook'].map((name) => channels.has(name as 'email'))).toEqual([
    false,
    false,
    true,
    true,
  ])
})
