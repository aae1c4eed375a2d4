import { Agent, request } from 'node:http'
import { ByteSearch } from './byte-search.ts'
import type { Hit } from './byte-search.ts'
import { itemOf, makeCanary } from './p09-p12-canary.ts'
import type { Canary } from './p09-p12-canary.ts'
import { Connection } from './p10-connection.ts'
import type { Listening, Shot } from './p10-connection.ts'
import { World } from './p10-world.ts'

// People whose every value is found nowhere else, and callers who may see all of it.

export type Known = {
  canary: Canary
  subject: string
  tokens: Record<'name' | 'phone' | 'email' | 'address', string>
  waybill: string
  /** A session of the person's own. */
  session: string
}

export type House = { world: World; people: readonly Known[]; canaries: Canaries }

const FOREVER = '2099-01-01T00:00:00Z'
const IN_FULL = { name: 'full', phone: 'full', email: 'full', address: 'full' }

export async function openHouse(service: Listening & { platformKey: string }, count: number): Promise<House> {
  const world = await World.open(new Connection(service, 8), service.platformKey)
  const people: Known[] = []
  for (let no = 0; no < count; no++) people.push(await bringIn(world, makeCanary(no)))
  return { world, people, canaries: new Canaries(people) }
}

async function bringIn(world: World, canary: Canary): Promise<Known> {
  type Made = { items: Pick<Known, 'subject' | 'tokens'>[] }
  const body = { party: world.shop.id, linkability: 'party', items: [itemOf(canary)] }
  const [item] = (await world.ask<Made>('POST', '/v1/tokenize', body)).items
  const { subject, tokens } = item!
  const grant = { subject, party: world.shop.id, purpose: 'legal', basis: 'legal_obligation', until: FOREVER }
  await world.ask('POST', '/v1/grants', { ...grant, fields: IN_FULL })
  const parcel = await world.parcel({ subject, phone: canary.person.phone, tokens })
  await world.move(parcel, 'picked_up')
  await world.move(parcel, 'out_for_delivery')
  const { token: session } = await world.session({ subject, phone: canary.person.phone, tokens })
  return { canary, subject, tokens, waybill: parcel.waybill, session }
}

/** All fields, in full. @param n makes the operators differ. */
export function fullReveal({ world }: House, people: readonly Known[], n: number): Shot {
  const fields = Object.keys(IN_FULL)
  const items = people.map(({ tokens }, i) => ({
    key: `k${i}`,
    token: tokens.phone,
    order_ref: 'SO-1',
    fields,
  }))
  const body = { purpose: 'legal', operator: { id: `emp-${n % 50}` }, items }
  return { method: 'POST', path: '/v1/reveal', key: world.shop.key, body }
}

export function scan({ world }: House, { waybill }: Known): Shot {
  const body = { purpose: 'delivery', operator: { id: 'emp-1' }, items: [{ key: 'a', waybill }] }
  return { method: 'POST', path: '/v1/reveal', key: world.courier.key, body }
}

/** Finds a person's values in whatever was answered. */
export class Canaries {
  readonly #search = new ByteSearch()

  constructor(people: readonly Known[]) {
    for (const { canary, subject } of people) {
      const { name, phone, email, address } = canary.person
      const { country: _country, ...parts } = address
      // The digits without their country: the form in which they stand in every spelling of the number.
      for (const value of [name, phone.slice(-10), email, ...Object.values(parts)]) {
        this.#search.addText(subject, value, /^UTF-8$/)
      }
    }
  }

  in(text: string): Hit[] {
    return this.#search.inText(text, 'an answer')
  }

  get size(): number {
    return this.#search.size
  }
}

export type Heard = {
  /** 0 if not even a head came. */
  status: number
  /** What came of the body, whether or not it ended. */
  text: string
  isWhole: boolean
  /** There was nobody to ask: nothing was sent. */
  isUnsent: boolean
}

/** Keeps what it has read when the other side dies in the middle of an answer. */
export class Ear {
  readonly #agent: Agent
  readonly #service: Listening

  constructor(service: Listening, sockets: number) {
    this.#service = service
    this.#agent = new Agent({ keepAlive: true, maxSockets: sockets })
  }

  ask({ method, path, key, body }: Shot): Promise<Heard> {
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    const headers = {
      authorization: `Bearer ${key}`,
      ...(payload && { 'content-type': 'application/json', 'content-length': payload.length }),
    }
    return new Promise((resolve) => {
      const heard: Heard = { status: 0, text: '', isWhole: false, isUnsent: false }
      const sent = request(this.#service.url + path, { agent: this.#agent, method, headers }, (response) => {
        heard.status = response.statusCode ?? 0
        response.setEncoding('utf8').on('data', (part: string) => (heard.text += part))
        response.on('end', () => (heard.isWhole = true))
        response.on('error', () => undefined)
        response.on('close', () => resolve(heard))
      })
      sent.on('error', (error) => {
        heard.isUnsent = 'code' in error && error.code === 'ECONNREFUSED'
        resolve(heard)
      })
      sent.end(payload)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
