import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Bindings } from '../../src/runtime/cloudflare/objects.ts'
import worker, { VaultObject } from '../../src/runtime/cloudflare/worker.ts'
import { expectProblem } from '../http/expectations.ts'
import { read } from '../http/harness.ts'
import type { Answered } from '../http/harness.ts'
import { makeTenant, objectOf, requestOf } from './service.ts'
import * as given from './test-bindings.ts'

type Case = [what: string, bindings: Partial<Bindings>, code: string]

const KEYS: readonly Case[] = [
  ['no root key', { CLOAKROOM_ROOT_KEY: '' }, 'root_key_missing'],
  ['a root key that is none', { CLOAKROOM_ROOT_KEY: '{"cloakroom":"root-key"}' }, 'root_key_unreadable'],
  ['a plain one in production', { CLOAKROOM_ENV: 'production' }, 'root_key_plain'],
  ['a sealed one without passphrase', { CLOAKROOM_ROOT_KEY: given.SEALED_ROOT_KEY }, 'passphrase_required'],
  ['one in shares', { CLOAKROOM_ROOT_KEY: given.SHARED_ROOT_KEY }, 'shares_missing'],
]

const FOUND_OUT_BY_OPENING: readonly Case[] = [
  [
    'a wrong passphrase',
    { CLOAKROOM_ROOT_KEY: given.SEALED_ROOT_KEY, CLOAKROOM_PASSPHRASE: 'wrong horse' },
    'passphrase_wrong',
  ],
  ['the root key of another service', { CLOAKROOM_ROOT_KEY: given.OTHER_ROOT_KEY }, 'root_key_wrong'],
]

const SETTINGS: readonly Case[] = [
  ['an environment that is none', { CLOAKROOM_ENV: 'staging' }, 'config_invalid'],
  ['an address that is none', { CLOAKROOM_PUBLIC_URL: 'vault' }, 'config_invalid'],
  ['no address in production', { CLOAKROOM_ENV: 'production', CLOAKROOM_PUBLIC_URL: '' }, 'config_invalid'],
  ['a log name that is none', { CLOAKROOM_LOG_NAME: 'a b' }, 'config_invalid'],
  ['a jurisdiction that is none', { CLOAKROOM_JURISDICTION: 'mars' }, 'config_invalid'],
]

function withBindings(changed: Partial<Bindings>): Bindings {
  return { ...env, ...changed }
}

/** What is written for the operator. */
function logLines(): { codes: () => string[] } {
  const spy = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  onTestFinished(() => spy.mockRestore())
  return { codes: () => spy.mock.calls.map(([line]) => String(JSON.parse(String(line)).code)) }
}

/** Asks an object of this tenant that was started with other bindings. */
async function askObject(tenant: string, bindings: Bindings, request: Request): Promise<Answered> {
  const response = await runInDurableObject(objectOf(tenant), (_, state) =>
    new VaultObject(state, bindings).fetch(request),
  )
  return read(response)
}

async function askWorker(bindings: Bindings, request: ReturnType<typeof requestOf>): Promise<Answered> {
  return read(await worker.fetch(request, bindings))
}

describe('a Worker that lacks its key', () => {
  test.each(KEYS)(
    '%s: says sealed to everybody, health answers, the log names the binding',
    async (_, changed, code) => {
      const said = logLines()
      const bindings = withBindings(changed)
      expectProblem(await askWorker(bindings, requestOf(undefined, '/v1/parties')), 'sealed')
      expect((await askWorker(bindings, requestOf(undefined, '/healthz'))).status).toBe(200)
      const ready = await askWorker(bindings, requestOf(undefined, '/readyz'))
      expectProblem(ready, 'unavailable', [{ pointer: '/checks/keys', code: 'unavailable' }])
      expect(said.codes()).toContain(code)
    },
  )

  test.each([...KEYS, ...FOUND_OUT_BY_OPENING])(
    'an object with %s is sealed, and opens again',
    async (what, changed, code) => {
      const tenant = `k-${what.replaceAll(/[^a-z]+/g, '-')}`
      const credential = await makeTenant(tenant)
      const said = logLines()
      const ask = () => requestOf(credential, '/v1/parties')
      expectProblem(await askObject(tenant, withBindings(changed), ask()), 'sealed')
      expect(said.codes()).toContain(code)
      // Negative control: the same object with all it needs.
      expect((await askObject(tenant, withBindings({}), ask())).status).toBe(200)
    },
  )

  test.each([...KEYS, FOUND_OUT_BY_OPENING[0]!])(
    'with %s no tenant is made, and the operator is told why',
    async (what, changed, code) => {
      logLines()
      const tenant = `m-${what.replaceAll(/[^a-z]+/g, '-')}`
      const made = await runInDurableObject(objectOf(tenant), (_, state) =>
        new VaultObject(state, withBindings(changed)).administer(tenant as never, { type: 'create' }),
      )
      expect(made).toMatchObject({ ok: false, code })
      // Negative control: with all it needs, in the same object.
      expect(await makeTenant(tenant)).toContain(tenant)
    },
  )
})

describe('a root key that Node sealed', () => {
  test('opens in workerd, by the same derivation', async () => {
    const credential = await makeTenant('sealed-key')
    const bindings = withBindings({
      CLOAKROOM_ENV: 'production',
      CLOAKROOM_ROOT_KEY: given.SEALED_ROOT_KEY,
      CLOAKROOM_PASSPHRASE: given.PASSPHRASE,
    })
    const answer = await askObject('sealed-key', bindings, requestOf(credential, '/v1/parties'))
    expect(answer.status).toBe(200)
  })
})

describe('a Worker that is set up wrongly', () => {
  test.each([
    ...SETTINGS,
    ['no objects', { VAULT: undefined as never }, 'config_invalid'] as Case,
    ['no directory', { TENANTS: undefined as never }, 'config_invalid'] as Case,
  ])('%s: an internal error outside, its code in the log', async (_, changed, code) => {
    const said = logLines()
    expectProblem(
      await askWorker(withBindings(changed), requestOf(undefined, '/log/unseen/checkpoint')),
      'internal',
    )
    expect(said.codes()).toEqual([code])
  })

  test('tells whoever runs it what is missing', async () => {
    const request = requestOf(given.TEST_BINDINGS.CLOAKROOM_ADMIN_SECRET, '/admin/tenants/any', {
      method: 'PUT',
    })
    const answer = await askWorker(withBindings({ VAULT: undefined as never }), request)
    expect([answer.status, answer.body.code, answer.body.detail]).toEqual([
      500,
      'config_invalid',
      'The binding VAULT of the Durable Objects is missing.',
    ])
  })
})
