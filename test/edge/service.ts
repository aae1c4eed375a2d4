import { runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import type { VaultObject } from '../../src/runtime/cloudflare/worker.ts'
import { read } from '../http/harness.ts'
import type { Answered } from '../http/harness.ts'
import { TEST_BINDINGS } from './test-bindings.ts'

// The Worker as it is deployed: requests go in at its front and through its objects.

const { CLOAKROOM_PUBLIC_URL, CLOAKROOM_ADMIN_SECRET } = TEST_BINDINGS

type Asked = { method?: string; body?: unknown; headers?: Record<string, string> }

export function requestOf(
  credential: string | undefined,
  path: string,
  asked: Asked = {},
): Request<unknown, IncomingRequestCfProperties> {
  const { body, method = body === undefined ? 'GET' : 'POST', headers = {} } = asked
  return new Request(`${CLOAKROOM_PUBLIC_URL}${path}`, {
    method,
    headers: {
      ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

export async function call(credential: string | undefined, path: string, asked?: Asked): Promise<Answered> {
  return read(await exports.default.fetch(requestOf(credential, path, asked)))
}

/** @throws Error unless the answer is a good one. */
export async function ok(
  credential: string,
  path: string,
  body?: unknown,
  method?: string,
): Promise<Answered> {
  const answer = await call(credential, path, { body, ...(method !== undefined && { method }) })
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`)
  return answer
}

export function objectOf(tenant: string): DurableObjectStub<VaultObject> {
  return env.VAULT.getByName(tenant)
}

/** Looks into an object's storage without a call to its vault, which would open it. */
export function inStorage<T>(
  tenant: string,
  look: (storage: DurableObjectStorage) => T | Promise<T>,
): Promise<T> {
  return runInDurableObject<VaultObject, T>(objectOf(tenant), (_, { storage }) => look(storage))
}

/** @returns the new tenant's first credential. */
export async function makeTenant(name: string): Promise<string> {
  return (await ok(CLOAKROOM_ADMIN_SECRET, `/admin/tenants/${name}`, undefined, 'PUT')).body.credential
}

export const PERSON = {
  name: '王小明',
  phone: '+8613812345678',
  email: 'xm.wang@example.com',
  address: {
    country: 'CN',
    province: '广东省',
    city: '深圳市',
    district: '南山区',
    line1: '科技园路1号2栋303室',
    postcode: '518000',
  },
}

export type Shop = { id: string; credential: string }

export async function addParty(platform: string, kind: 'merchant' | 'courier'): Promise<Shop> {
  const { id } = (await ok(platform, '/v1/parties', { kind, name: `A ${kind}` })).body
  await ok(platform, `/v1/parties/${id}/status`, { status: 'active', reason: 'checked' })
  const { secret } = (await ok(platform, `/v1/parties/${id}/credentials`, { label: 'first' })).body
  return { id, credential: secret }
}

export function tokenizeBody(party: string, ref: string): unknown {
  const item = { key: 'row', external_ref: ref, locale: 'zh-Hans', jurisdiction: 'CN', person: PERSON }
  return { party, items: [item] }
}
