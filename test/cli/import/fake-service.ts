import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { CountryCode } from 'libphonenumber-js/max'

export const FAKE_KEY = 'ck_default_fake'
export const PARTY = 'mer_0123456789abcdefghjkmnpqrs'

type Person = { name: string; phone: string; email?: string; address: { country: string } }
type Item = { key: string; external_ref: string; person: Person }
type Body = { linkability: string; party: string; items: Item[] }

export type Reply = { status: number; headers?: Record<string, string>; body: unknown }

export type FakeService = {
  url: string
  /** What was asked, in order of arrival, retries and refused calls too. */
  calls: { key: string; body: Body }[]
  /** Persons by `external_ref`, as last written. */
  persons: Map<string, string>
  /** How often a known `external_ref` came with another value: each is a parcel sent elsewhere. */
  redirected: number
  /** Says something else than the service would; called before anything is stored. */
  intercept: (call: number, body: Body) => Reply | undefined | Promise<Reply | undefined>
  /** Called after the answer to a call has been given. */
  afterReply: (call: number) => void
  close: () => Promise<void>
}

export function problem(status: number, code: string, more: object = {}): Reply {
  return {
    status,
    body: { type: `urn:cloakroom:${code}`, title: code, status, code, request_id: 'req_1', ...more },
  }
}

function faultsOf(person: Person) {
  const faults: { pointer: string; code: string }[] = []
  const number = parsePhoneNumberFromString(person.phone, person.address.country as CountryCode)
  if (number?.isValid() !== true) faults.push({ pointer: '/person/phone', code: 'phone_invalid' })
  if (person.email !== undefined && !/^\S+@\S+\.\S+$/.test(person.email)) {
    faults.push({ pointer: '/person/email', code: 'email_invalid' })
  }
  return faults
}

function tokenOf(...parts: string[]): string {
  return `tok_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 26)}`
}

function tokenizeItem(service: FakeService, { key, external_ref: ref, person }: Item) {
  const errors = faultsOf(person)
  if (errors.length > 0) return { key, status: 'error', code: 'invalid_request', errors }
  const value = JSON.stringify(person)
  const before = service.persons.get(ref)
  if (before !== undefined && before !== value) service.redirected += 1
  service.persons.set(ref, value)
  const tokens = Object.fromEntries(
    Object.entries(person).map(([field, text]) => [field, tokenOf(ref, field, JSON.stringify(text))]),
  )
  return { key, status: before === undefined ? 'created' : 'unchanged', tokens }
}

function send(response: ServerResponse, { status, headers = {}, body }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

/** Answers `POST /v1/tokenize` as the contract says, with idempotency keys, and keeps what it was told. */
export async function startFakeService(): Promise<FakeService> {
  const kept = new Map<string, { request: string; reply: Reply }>()
  async function answer(request: IncomingMessage, raw: string): Promise<Reply> {
    const key = String(request.headers['idempotency-key'] ?? '')
    const body = JSON.parse(raw) as Body
    const call = service.calls.push({ key, body })
    if (request.headers.authorization !== `Bearer ${FAKE_KEY}`) return problem(401, 'unauthenticated')
    const other = await service.intercept(call, body)
    if (other !== undefined) return other
    const before = kept.get(key)
    if (before !== undefined && before.request !== raw) return problem(422, 'idempotency_key_reused')
    const reply = before?.reply ?? {
      status: 200,
      body: { items: body.items.map((item) => tokenizeItem(service, item)) },
    }
    kept.set(key, { request: raw, reply })
    return reply
  }
  const server = createServer((request, response) => {
    void text(request).then(async (raw) => {
      const call = service.calls.length + 1
      send(response, await answer(request, raw))
      response.once('close', () => service.afterReply(call))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const service: FakeService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    persons: new Map(),
    redirected: 0,
    intercept: () => undefined,
    afterReply: () => {},
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return service
}
