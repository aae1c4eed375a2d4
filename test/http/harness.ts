import { randomBytes } from 'node:crypto'
import type { Hono } from 'hono'
import { parseTenantId } from '../../src/core/id.ts'
import type { TenantId } from '../../src/core/id.ts'
import { instant } from '../../src/core/time.ts'
import type { Instant } from '../../src/core/time.ts'
import { newCredential } from '../../src/crypto/credential.ts'
import { newKey } from '../../src/crypto/envelope.ts'
import { localKek } from '../../src/crypto/kek.ts'
import type { Kek } from '../../src/crypto/kek.ts'
import { createApp } from '../../src/http/app.ts'
import type { HttpLogEntry } from '../../src/http/log.ts'
import type { Observation } from '../../src/http/metrics.ts'
import { Keyring } from '../../src/vault/keys/keyring.ts'
import { createTenant } from '../../src/vault/principals/tenants.ts'
import { Channels } from '../../src/vault/incidents/notices/channel.ts'
import { InFlight } from '../../src/vault/requests/idempotency.ts'
import { WatchMemory } from '../../src/vault/watch/memory.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import type { Vault } from '../../src/vault/vault.ts'
import { openStore } from './open-store.ts'
import type { OpenStore } from './open-store.ts'

/** A Monday, noon UTC, in ISO week 48. */
export const NOON = Date.parse('2026-11-23T12:00:00Z')
export const PUBLIC_URL = 'https://vault.test'

export type Json = Record<string, unknown>

/** An answer with its body read once. Bodies are checked by the tests, so they are as loose as JSON here. */
export type Answered = {
  status: number
  headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads any shape
  body: any
  text: string
}

export type Request = { method?: string; body?: unknown; headers?: Record<string, string> }

export type Harness = {
  app: Hono
  vault: Vault
  store: VaultStore
  /** Moves the clock by this many milliseconds; back too. */
  pass(ms: number): void
  now(): Instant
  readonly logged: readonly HttpLogEntry[]
  readonly observed: readonly Observation[]
  readiness: Record<'store' | 'log' | 'keys', boolean>
  /** Whether the root key is missing. */
  seal: { on: boolean }
  /** A fresh tenant's platform credential. */
  addTenant(name: string): Promise<string>
  call(credential: string | undefined, path: string, request?: Request): Promise<Answered>
  close(): Promise<void>
}

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

/** The whole service but for the socket, on a fresh store, with a clock that tests set. */
export async function openHarness(
  engine: { openStore: OpenStore; kek?: Kek; channels?: Channels } = { openStore },
): Promise<Harness> {
  const { store, close } = await engine.openStore()
  let now = NOON
  const clock = { now: () => instant(now) }
  const keyring = new Keyring({ store, kek: engine.kek ?? localKek(newKey(random)), clock })
  const vault: Vault = {
    store,
    keyring,
    clock,
    random,
    inFlight: new InFlight(),
    watch: new WatchMemory(),
    channels: engine.channels ?? new Channels(),
    publicUrl: PUBLIC_URL,
    logName: 'vault.test/log',
  }
  const logged: HttpLogEntry[] = []
  const observed: Observation[] = []
  const readiness = { store: true, log: true, keys: true }
  const seal = { on: false }
  const app = createApp({
    vault,
    log: (entry) => logged.push(entry),
    metrics: { observe: (one) => observed.push(one), render: () => Promise.resolve('cloakroom_up 1\n') },
    readiness: () => Promise.resolve({ ...readiness }),
    sealed: () => seal.on,
    version: '0.0.0-test',
  })
  return {
    app,
    vault,
    store,
    logged,
    observed,
    readiness,
    seal,
    close,
    pass(ms) {
      now += ms
    },
    now: () => instant(now),
    async addTenant(name) {
      const tenant = parseTenantId(name) as TenantId
      const credential = newCredential(tenant, random)
      await createTenant(vault, tenant, credential)
      return credential.exposeSecret()
    },
    async call(credential, path, request = {}) {
      return read(await app.request(`${PUBLIC_URL}${path}`, initOf(credential, request)))
    },
  }
}

function initOf(credential: string | undefined, { method, body, headers = {} }: Request): RequestInit {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  return {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
      ...(text !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(text !== undefined && { body: text }),
  }
}

export async function read(response: Response): Promise<Answered> {
  const text = await response.text()
  const json = /json/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: json && text !== '' ? JSON.parse(text) : undefined,
  }
}
