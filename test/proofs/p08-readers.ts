import { Connection } from './p10-connection.ts'
import type { Answer, Shot } from './p10-connection.ts'
import { World } from './p10-world.ts'
import type { Person } from './p10-world.ts'
import type { ServiceProcess } from './service-process.ts'

/** A person with everything by which data is read: a parcel, tokens, a session. */
export type Reading = { person: Person; waybill: string; session: string }

type Read = { what: string; shot: Shot; holds: (answer: Answer) => boolean }

const CONTACT = 'Li Lei, dispatch'

/** Reads of every kind, over and over, beside whatever happens to the keys. */
export class Readers {
  readonly failures: string[] = []
  reads = 0
  readonly #world: World
  readonly #people: readonly Reading[]
  readonly #connections: readonly Connection[]
  #going = false
  #loops: Promise<void>[] = []

  private constructor(world: World, people: readonly Reading[], connections: readonly Connection[]) {
    this.#world = world
    this.#people = people
    this.#connections = connections
  }

  /** @param persons how many; a tenth of them have parcel and session. */
  static async open(service: ServiceProcess, persons: number, lanes: number): Promise<Readers> {
    const control = new Connection(service)
    const world = await World.open(control, service.platformKey)
    await world.ask('POST', '/v1/parties', { kind: 'merchant', name: 'another', contact: CONTACT })
    const people: Reading[] = []
    for (let i = 0; i < persons; i++) {
      const person = await world.person()
      if (i % 10 !== 0) continue
      const { waybill, id } = await world.parcel(person)
      for (const stage of ['picked_up', 'in_transit', 'at_station', 'out_for_delivery']) {
        await world.ask('POST', `/v1/shipments/${id}/stage`, { stage }, world.courier.key)
      }
      people.push({ person, waybill, session: (await world.session(person)).token })
    }
    return new Readers(
      world,
      people,
      Array.from({ length: lanes }, () => new Connection(service)),
    )
  }

  /** Reads until stopped. */
  start(): void {
    this.#going = true
    this.#loops = this.#connections.map((connection, i) => this.#loop(connection, i))
  }

  async stop(): Promise<void> {
    this.#going = false
    await Promise.all(this.#loops)
  }

  /** Every read of every person, once. */
  async readAll(): Promise<void> {
    const [connection] = this.#connections
    if (!connection) return
    for (const reading of this.#people)
      for (const read of this.#readsOf(reading)) await this.#read(connection, read)
  }

  close(): void {
    for (const connection of [this.#world.control, ...this.#connections]) connection.close()
  }

  async #loop(connection: Connection, first: number): Promise<void> {
    for (let i = first; this.#going; i += this.#connections.length) {
      const reading = this.#people[i % this.#people.length]
      for (const read of reading ? this.#readsOf(reading) : [])
        if (this.#going) await this.#read(connection, read)
    }
  }

  async #read(connection: Connection, { what, shot, holds }: Read): Promise<void> {
    let answer: Answer
    try {
      answer = await connection.send(shot)
    } catch {
      // No answer at all: the service was killed, which is no failed read.
      await new Promise((resolve) => setTimeout(resolve, 20))
      return
    }
    this.reads += 1
    if (answer.status === 200 && holds(answer)) return
    this.failures.push(`${what}: ${answer.status} ${answer.text.slice(0, 200)}`)
  }

  #readsOf({ person, waybill, session }: Reading): readonly Read[] {
    const { courier, shop, platform } = this.#world
    const operator = { id: 'emp-1' }
    const shows = (text: string) => (answer: Answer) => answer.text.includes(text)
    const post = (path: string, key: string, body: unknown): Shot => ({ method: 'POST', path, key, body })
    const delivery = { purpose: 'delivery', operator, items: [{ key: 'a', waybill }] }
    const search = { purpose: 'customer_service', phone: person.phone }
    const token = { items: [{ key: 'a', token: person.tokens.phone }] }
    return [
      { what: 'reveal', shot: post('/v1/reveal', courier.key, delivery), holds: shows(person.phone) },
      { what: 'mask', shot: post('/v1/mask', shop.key, token), holds: shows('"status":"ok"') },
      { what: 'search', shot: post('/v1/search', platform, search), holds: shows(person.subject) },
      { what: 'own data', shot: { method: 'GET', path: '/v1/me', key: session }, holds: shows(person.phone) },
      {
        what: 'contacts',
        shot: { method: 'GET', path: '/v1/parties', key: platform },
        holds: shows(CONTACT),
      },
    ]
  }
}
