import { mustSend } from './p10-connection.ts'
import type { Shot, Connection } from './p10-connection.ts'

// The persons, parcels and permissions that P10 and P14 are about: all made through the interface.

export type Party = { id: string; key: string }
export type Tokens = { name: string; phone: string; address: string }
export type Person = { subject: string; phone: string; tokens: Tokens }
export type Parcel = { id: string; waybill: string; grant: string }

const PERSONS_A_CALL = 100
const NEVER = '2099-01-01T00:00:00Z'

/** A phone number that follows from n. */
export function phoneOf(n: number): string {
  return `+86138${String(n).padStart(8, '0')}`
}

/** One platform with a shop and couriers, and a stretch of the numbers from which its persons are made. */
export class World {
  readonly control: Connection
  readonly platform: string
  readonly shop: Party
  readonly courier: Party
  #next: number
  #fresh: Person[] = []

  private constructor(from: {
    control: Connection
    platform: string
    shop: Party
    courier: Party
    first: number
  }) {
    this.control = from.control
    this.platform = from.platform
    this.shop = from.shop
    this.courier = from.courier
    this.#next = from.first
  }

  static async open(control: Connection, platform: string, first = 0): Promise<World> {
    const shop = await addParty(control, platform, 'merchant')
    const courier = await addParty(control, platform, 'courier')
    return new World({ control, platform, shop, courier, first })
  }

  /** By the platform unless another key is given. */
  ask<Body>(method: Shot['method'], path: string, body?: unknown, key = this.platform): Promise<Body> {
    return mustSend<Body>(this.control, { method, path, key, body })
  }

  /** A number that no other person, order or operator of this world has. */
  number(): number {
    return this.#next++
  }

  async person(): Promise<Person> {
    if (this.#fresh.length === 0) this.#fresh = await this.#bringIn(PERSONS_A_CALL)
    return this.#fresh.pop()!
  }

  async #bringIn(count: number): Promise<Person[]> {
    const phones = Array.from({ length: count }, () => phoneOf(this.number()))
    const items = phones.map((phone, i) => ({
      key: `k${i}`,
      jurisdiction: 'CN',
      person: { ...PERSON, phone },
    }))
    const body = { party: this.shop.id, items }
    const made = await this.ask<{ items: Omit<Person, 'phone'>[] }>('POST', '/v1/tokenize', body)
    return made.items.map(({ subject, tokens }, i) => ({ subject, tokens, phone: phones[i]! }))
  }

  /** By hand, for as long as nobody ends it: the shop's, and the whole phone number, unless told otherwise. */
  async legalGrant(
    { subject }: Person,
    more: { party?: Party; fields?: object; usesMax?: number } = {},
  ): Promise<string> {
    const { party = this.shop, fields = { phone: 'full' }, usesMax } = more
    const of = { subject, party: party.id, purpose: 'legal', basis: 'legal_obligation', until: NEVER }
    const body = { ...of, fields, ...(usesMax !== undefined && { uses_max: usesMax }) }
    return (await this.ask<{ id: string }>('POST', '/v1/grants', body)).id
  }

  /** The permission that the shop was given with its tokens. */
  async standingGrant({ subject }: Person): Promise<string> {
    type Listed = { items: { id: string; origin: string }[] }
    const { items } = await this.ask<Listed>('GET', `/v1/grants?subject=${subject}`)
    return items.find(({ origin }) => origin === 'tokenize')!.id
  }

  async session({ subject }: Person): Promise<{ id: string; token: string }> {
    return this.ask('POST', `/v1/subjects/${subject}/sessions`)
  }

  async parcel({ tokens: { name, phone, address } }: Person, courier = this.courier): Promise<Parcel> {
    const body = {
      order_ref: `SO-${this.number()}`,
      courier: courier.id,
      recipient: { name, phone, address },
    }
    return this.ask('POST', '/v1/shipments', body, this.shop.key)
  }

  async move(parcel: Parcel, stage: string, courier = this.courier): Promise<void> {
    await this.ask('POST', `/v1/shipments/${parcel.id}/stage`, { stage }, courier.key)
  }
}

export async function addParty(
  control: Connection,
  platform: string,
  kind: 'merchant' | 'courier',
  name = `a ${kind}`,
): Promise<Party> {
  const ask = <Body>(path: string, body: unknown): Promise<Body> =>
    mustSend<Body>(control, { method: 'POST', path, key: platform, body })
  const { id } = await ask<{ id: string }>('/v1/parties', { kind, name })
  await ask(`/v1/parties/${id}/status`, { status: 'active', reason: 'checked' })
  const { secret } = await ask<{ secret: string }>(`/v1/parties/${id}/credentials`, { label: 'first' })
  return { id, key: secret }
}

export const PERSON = {
  name: '王小明',
  address: {
    country: 'CN',
    province: '浙江省',
    city: '杭州市',
    district: '西湖区',
    line1: '文三路9号3栋2单元301室',
  },
}
