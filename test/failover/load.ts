import { setTimeout as pause } from 'node:timers/promises'
import { Connection } from '../proofs/p10-connection.ts'
import type { Answer, Listening, Shot } from '../proofs/p10-connection.ts'
import { byWaybill, itemOf } from '../proofs/p10-kinds.ts'
import { PERSON, phoneOf } from '../proofs/p10-world.ts'
import type { Parcel, Person, World } from '../proofs/p10-world.ts'
import { Book } from './book.ts'
import type { Kind } from './book.ts'

/** Between two calls of one caller: the machine has a cluster to run as well. */
const PAUSE_MS = 20
const AGAIN_MS = 200

/** What is said of a write that nobody knows the end of; `unavailable` is said of a read too. */
const MAY_BE_DONE = 'it may be done, or not'

type Known = { kind: Kind; about?: string; idOf(answer: Answer): string }

/**
 * Callers at two nodes in turn, each with a key for every call, who ask again under it until they know: people and parcels come in,
 * parcels are moved and looked at, permissions are revoked, and looked under again at the other node.
 */
export class Load {
  readonly book = new Book()
  readonly #name: string
  readonly #world: World
  readonly #lines: readonly Connection[]
  readonly #callers: Promise<void>[]
  #stopped = false
  #turn = 0

  /** @param name begins every key. */
  constructor(name: string, nodes: readonly Listening[], world: World, callers: number) {
    this.#name = name
    this.#world = world
    this.#lines = nodes.map((node) => new Connection(node, callers))
    this.#callers = Array.from({ length: callers }, () => this.#call())
  }

  /** Resolves when every call that was begun has been answered. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#callers)
    for (const line of this.#lines) line.close()
  }

  async #call(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#story(this.#world.number())
      } catch (error) {
        this.book.failures.push(error instanceof Error ? error.message : String(error))
      }
    }
  }

  async #story(n: number): Promise<void> {
    const { platform, shop, courier } = this.#world
    const phone = phoneOf(n)
    const items = [{ key: 'a', jurisdiction: 'CN', person: { ...PERSON, phone } }]
    const added = await this.#ask(
      { kind: 'person', idOf: (answer) => personIn(answer).subject },
      { method: 'POST', path: '/v1/tokenize', key: platform, body: { party: shop.id, items } },
    )
    const { tokens } = personIn(added)
    const order = { order_ref: `SO-${n}`, courier: courier.id, recipient: addressedBy(tokens) }
    const shipped = await this.#ask(
      { kind: 'parcel', idOf: (answer) => parcelIn(answer).id },
      { method: 'POST', path: '/v1/shipments', key: shop.key, body: order },
    )
    const parcel = parcelIn(shipped)
    for (const stage of ['picked_up', 'out_for_delivery']) await this.#move(parcel, stage)
    await this.#look(parcel, phone)
    if (n % 2 === 0) await this.#revoke(parcel, phone)
  }

  async #move({ id }: Parcel, stage: string): Promise<void> {
    const path = `/v1/shipments/${id}/stage`
    const shot: Shot = { method: 'POST', path, key: this.#world.courier.key, body: { stage } }
    await this.#ask({ kind: 'stage', about: stage, idOf: () => id }, shot)
  }

  async #look({ id, waybill }: Parcel, phone: string): Promise<void> {
    const answer = await this.#ask(
      { kind: 'reveal', about: id, idOf: (given) => itemOf(given)?.event ?? 'none was named' },
      byWaybill(this.#world.courier, waybill),
    )
    if (itemOf(answer)?.fields?.phone?.value !== phone) throw new Error(`shown: ${answer.text}`)
  }

  async #revoke({ grant, waybill }: Parcel, phone: string): Promise<void> {
    const path = `/v1/grants/${grant}/revoke`
    const shot: Shot = { method: 'POST', path, key: this.#world.platform, body: { reason: 'asked to' } }
    await this.#ask({ kind: 'revocation', idOf: () => grant }, shot)
    for (const line of this.#lines) {
      const answer = await line.send(byWaybill(this.#world.courier, waybill)).catch(() => undefined)
      if (answer?.status !== 200) continue
      this.book.lookedAfterRevocation += 1
      if (answer.text.includes(digitsOf(phone))) this.book.seenAfterRevocation += 1
    }
  }

  /** Until it is answered; whoever is told that it may be done or not asks the other node, under the same key. */
  async #ask({ kind, about = '', idOf }: Known, shot: Shot): Promise<Answer> {
    const idempotencyKey = `${this.#name}-${this.#world.number()}`
    this.book.open.add(idempotencyKey)
    let unknownAt: number | undefined
    for (;;) {
      await pause(PAUSE_MS)
      const answer = await this.#send({ ...shot, idempotencyKey })
      if (answer && answer.status < 300) {
        this.book.open.delete(idempotencyKey)
        this.book.acknowledge({ kind, id: idOf(answer), about, unknownAt })
        return answer
      }
      const code = answer ? codeOf(answer) : 'no answer'
      this.book.refuse(answer ? `${answer.status} ${code}` : code)
      if (answer && !mayPass(answer)) throw new Error(`${kind}: ${answer.status} ${answer.text}`)
      if (!answer || answer.text.includes(MAY_BE_DONE)) {
        unknownAt = Date.now()
        this.book.unknown += 1
      }
      await pause(AGAIN_MS)
    }
  }

  async #send(shot: Shot): Promise<Answer | undefined> {
    const line = this.#lines[this.#turn++ % this.#lines.length]
    const started = performance.now()
    const answer = await line?.send(shot).catch(() => undefined)
    this.book.longestWaitMs = Math.max(this.book.longestWaitMs, performance.now() - started)
    return answer
  }
}

function mayPass({ status, text }: Answer): boolean {
  return status === 503 || (status === 409 && (JSON.parse(text) as { retryable: boolean }).retryable)
}

function codeOf({ text }: Answer): string {
  return (JSON.parse(text) as { code: string }).code
}

function parcelIn({ text }: Answer): Parcel {
  return JSON.parse(text) as Parcel
}

function personIn({ text }: Answer): Person {
  const [person] = (JSON.parse(text) as { items: Person[] }).items
  if (!person) throw new Error(`nobody: ${text}`)
  return person
}

function addressedBy({ name, phone, address }: Person['tokens']): Person['tokens'] {
  return { name, phone, address }
}

/** Found nowhere else, in whatever form the number is shown in full. */
function digitsOf(phone: string): string {
  return phone.slice(-11)
}
