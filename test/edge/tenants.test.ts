import { beforeAll, describe, expect, test } from 'vitest'
import { listDurableObjectIds } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import worker from '../../src/runtime/cloudflare/worker.ts'
import { expectProblem, sansRequestId } from '../http/expectations.ts'
import { openHarness, read } from '../http/harness.ts'
import { addParty, call, inStorage, makeTenant, objectOf, ok, requestOf, tokenizeBody } from './service.ts'
import { TEST_BINDINGS } from './test-bindings.ts'

const ADMIN = TEST_BINDINGS.CLOAKROOM_ADMIN_SECRET
const NOBODYS = `${'a'.repeat(43)}123456`

let acme: string
let beta: string
beforeAll(async () => {
  acme = await makeTenant('acme')
  beta = await makeTenant('beta')
})

/** Everything that an object stores, the platform's own tables left out, as text. */
function contentOf(tenant: string): Promise<string> {
  return inStorage(tenant, ({ sql }) => {
    const tables = sql.exec<{ name: string }>(`select name from sqlite_master where type = 'table'`).toArray()
    const own = tables.map(({ name }) => name).filter((name) => !name.startsWith('_cf_'))
    return JSON.stringify(
      own.map((name) => [name, sql.exec(`select * from ${name}`).toArray().map(Object.values)]),
      (_, value) => (value instanceof ArrayBuffer ? Buffer.from(value).toString('latin1') : value),
    )
  })
}

/** Whether there is an object of this name, without asking it, which would make one. */
async function isThere(tenant: string): Promise<boolean> {
  const ids = await listDurableObjectIds(env.VAULT)
  return ids.some((id) => id.equals(env.VAULT.idFromName(tenant)))
}

describe('a tenant is made by whoever runs the service', () => {
  test('with a first credential that works, once', async () => {
    expect((await call(acme, '/v1/parties')).status).toBe(200)
    const again = await call(ADMIN, '/admin/tenants/acme', { method: 'PUT' })
    expect([again.status, again.body.code]).toEqual([409, 'state_conflict'])
    expect((await call(acme, '/v1/parties')).status).toBe(200)
  })

  test('and gets a second credential for whoever approves', async () => {
    const { body } = await ok(ADMIN, '/admin/tenants/acme/credentials', undefined, 'POST')
    expect(body.credential).not.toBe(acme)
    expect((await call(body.credential, '/v1/parties')).status).toBe(200)
    const nobody = await call(ADMIN, '/admin/tenants/nobody/credentials', { method: 'POST' })
    expect([nobody.status, nobody.body.code]).toEqual([404, 'not_found'])
  })

  test('and by nobody else: every other secret is refused, and makes nothing', async () => {
    for (const secret of [undefined, acme, ADMIN.slice(0, -1), `${ADMIN}0`, ADMIN.toUpperCase()]) {
      const answer = await call(secret, '/admin/tenants/gamma', { method: 'PUT' })
      expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated'])
    }
    expect(await isThere('gamma')).toBe(false)
    // Negative control: the right one makes it.
    await makeTenant('gamma')
    expect(await isThere('gamma')).toBe(true)
    expect(await contentOf('gamma')).toContain('gamma')
  })

  test('a name that is none, or another method, is refused', async () => {
    for (const name of ['Acme', '1st', 'a'.repeat(41), 'a_b', '%00']) {
      const answer = await call(ADMIN, `/admin/tenants/${name}`, { method: 'PUT' })
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request'])
    }
    expect((await call(ADMIN, '/admin/tenants/acme')).status).toBe(405)
  })

  test.each([undefined, '', 'too-short'])(
    'without an admin secret (%s) there is no such path',
    async (secret) => {
      const bindings = { ...env, CLOAKROOM_ADMIN_SECRET: secret as string }
      const ask = async (path: string) => {
        const request = requestOf(secret || undefined, path, { method: 'PUT' })
        return sansRequestId(await read(await worker.fetch(request, bindings)))
      }
      expect(await ask('/admin/tenants/delta')).toEqual(await ask('/nothing/here'))
      expect(await isThere('delta')).toBe(false)
    },
  )
})

describe('two tenants', () => {
  test('are apart: what is one’s does not exist for the other, whatever it calls itself', async () => {
    const shop = await addParty(acme, 'merchant')
    const none = shop.id.replace(/[0-9a-z]{26}$/, '0'.repeat(26))
    const theirs = await call(beta, `/v1/parties/${shop.id}`)
    expectProblem(theirs, 'not_found')
    expect(sansRequestId(theirs)).toEqual(sansRequestId(await call(beta, `/v1/parties/${none}`)))
    for (const credential of [acme, shop.credential]) {
      const renamed = credential.replace('ck_acme_', 'ck_beta_')
      expectProblem(await call(renamed, '/v1/parties'), 'unauthenticated')
    }
    // Negative control: under its own name it is there.
    expect((await call(acme, `/v1/parties/${shop.id}`)).status).toBe(200)
  })

  test('share no storage: nothing of one is in the other’s object', async () => {
    const shop = await addParty(acme, 'merchant')
    const { subject, tokens } = (await ok(acme, '/v1/tokenize', tokenizeBody(shop.id, 'u-1'))).body.items[0]
    const traces = ['acme', shop.id, subject]
    const [own, others] = [await contentOf('acme'), await contentOf('beta')]
    for (const trace of traces) expect(others).not.toContain(trace)
    // Negative control: the same search finds all of it where it belongs.
    for (const trace of traces) expect(own).toContain(trace)
    expect(tokens.name).toMatch(/^tok_/)
  })

  test('a session opens the vault that signed it and no other', async () => {
    const shop = await addParty(acme, 'merchant')
    const { subject } = (await ok(acme, '/v1/tokenize', tokenizeBody(shop.id, 'u-2'))).body.items[0]
    const { token } = (await ok(acme, `/v1/subjects/${subject}/sessions`, undefined, 'POST')).body
    const [head, claims, signature] = token.split('.')
    const forged = JSON.parse(Buffer.from(claims, 'base64url').toString())
    const other = Buffer.from(JSON.stringify({ ...forged, tenant: 'beta' })).toString('base64url')
    expectProblem(await call(`${head}.${other}.${signature}`, '/v1/me'), 'unauthenticated')
    expect((await call(token, '/v1/me')).status).toBe(200)
  })
})

describe('who is no tenant', () => {
  const strangers: [string | undefined, string][] = [
    [`ck_nobody_${NOBODYS}`, '/v1/parties'],
    [`ck_nobody_${NOBODYS}`, '/v1/nothing'],
    [`ck_nobody_${NOBODYS}`, '/v1/reveal'],
    [undefined, '/v1/parties'],
    ['not-a-credential', '/v1/parties'],
    ['eyJhbGciOiJFZERTQSJ9.eyJ0ZW5hbnQiOiJub2JvZHkifQ.AAAA', '/v1/me'],
    [undefined, '/log/nobody/checkpoint'],
    [undefined, '/log/nobody/vkey'],
    [undefined, '/log/nobody/tile/0/000.p/1'],
    [undefined, '/log/Nobody!/checkpoint'],
    [undefined, '/t/nobody/.well-known/jwks.json'],
    [undefined, '/t/%00/.well-known/jwks.json'],
    [undefined, '/.well-known/jwks.json'],
    [undefined, '/v2/reveal'],
    [undefined, '/'],
    [undefined, '/healthz'],
  ]

  test('gets what a whole vault that does not know it answers, byte for byte, and makes no object', async () => {
    const vault = await openHarness()
    await vault.addTenant('somebody')
    for (const [credential, path] of strangers) {
      const expected = await vault.call(credential, path)
      expect(sansRequestId(await call(credential, path)), path).toEqual(sansRequestId(expected))
    }
    await vault.close()
    expect([await isThere('nobody'), await isThere('default')]).toEqual([false, false])
    // Negative control: of a tenant there is one.
    expect(await isThere('acme')).toBe(true)
  })

  test('sees the document and its page', async () => {
    const { body } = await call(undefined, '/openapi.json')
    expect(body.openapi).toBe('3.1.0')
    expect((await call(undefined, '/docs')).headers.get('content-type')).toContain('text/html')
    expect((await call(undefined, '/metrics')).text).toMatch(/^#/)
  })

  test('an object that nobody made answers as one, also to an alarm', async () => {
    const response = await objectOf('ghost').fetch(requestOf(`ck_ghost_${NOBODYS}`, '/v1/parties'))
    expectProblem(await read(response), 'unauthenticated')
    expect(await contentOf('ghost')).toBe('[]')
  })
})
