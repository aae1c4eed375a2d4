import type { Answer, Connection, Shot } from './p10-connection.ts'
import { PERSON, phoneOf } from './p10-world.ts'
import type { Person, World } from './p10-world.ts'

// Calls that write, of each kind that P1 looks at, and what their answers promise.

export type Deed = {
  shot: Shot
  /** What a success says has happened: ids, each of which one event of the log is about. */
  namesIn(answer: Answer): string[]
}

type Item = { subject: string; event: string }
type Listed = { items: Item[] }

/** Whom it is done with: all that a deed needs is there before it. */
export type Ground = { world: World; toReveal: readonly Person[]; toErase: Person[] }

const REVEALED = 8

export async function prepareGround(world: World, erasures: number): Promise<Ground> {
  const ground: Ground = { world, toReveal: [], toErase: [] }
  const toReveal: Person[] = []
  for (let i = 0; i < REVEALED; i++) {
    const person = await world.person()
    await world.legalGrant(person)
    toReveal.push(person)
  }
  for (let i = 0; i < erasures; i++) ground.toErase.push(await world.person())
  return { ...ground, toReveal }
}

/** Everything that was answered; a broken connection promises nothing. */
export class Promised {
  readonly names: string[] = []
  readonly failures: string[] = []
  answers = 0
  brokenOff = 0
  refused = 0
  readonly #mayRefuse: boolean

  /** @param options.mayRefuse that nothing can be written, or that it is not known, is no failure while a database is down. */
  constructor({ mayRefuse } = { mayRefuse: false }) {
    this.#mayRefuse = mayRefuse
  }

  take(deed: Deed, answer: Answer): void {
    this.answers += 1
    if (answer.status < 300) this.names.push(...deed.namesIn(answer))
    else if (this.#mayRefuse && answer.status === 503) this.refused += 1
    // Something moved in between, as an erasure does: nothing happened.
    else if (answer.status !== 409) this.failures.push(`${deed.shot.path}: ${answer.status} ${answer.text}`)
  }
}

/** @param n counts the deeds of a run. */
export function deed(ground: Ground, n: number): Deed {
  const erased = n % ERASE_EVERY === ERASE_EVERY - 1 ? ground.toErase.pop() : undefined
  if (erased) return erase(ground, erased)
  return [reveal, tokenize, ship][n % 3]!(ground, n)
}

const ERASE_EVERY = 40

function reveal({ world, toReveal }: Ground, n: number): Deed {
  const { tokens } = toReveal[n % toReveal.length]!
  const items = [{ key: 'a', token: tokens.phone, order_ref: 'SO-1' }]
  const body = { purpose: 'legal', operator: { id: 'emp-1' }, items }
  return {
    shot: { method: 'POST', path: '/v1/reveal', key: world.shop.key, body },
    namesIn: ({ text }) => (JSON.parse(text) as Listed).items.map(({ event }) => event),
  }
}

function tokenize({ world }: Ground, n: number): Deed {
  const items = Array.from({ length: 1 + (n % 4) }, (_, i) => ({
    key: `row-${i}`,
    person: { ...PERSON, phone: phoneOf(world.number()) },
  }))
  const body = { linkability: 'order', party: world.shop.id, items }
  return {
    shot: { method: 'POST', path: '/v1/tokenize', key: world.platform, body },
    namesIn: ({ text }) => (JSON.parse(text) as Listed).items.map(({ subject }) => subject),
  }
}

function ship({ world, toReveal }: Ground, n: number): Deed {
  const { name, phone, address } = toReveal[n % toReveal.length]!.tokens
  const recipient = { name, phone, address }
  const body = { order_ref: `SO-${world.number()}`, courier: world.courier.id, recipient }
  return {
    shot: { method: 'POST', path: '/v1/shipments', key: world.shop.key, body },
    namesIn: ({ text }) => [(JSON.parse(text) as { id: string }).id],
  }
}

/** Moves the write-ahead log into the database and empties it, in the middle of everything else. */
function erase({ world }: Ground, { subject }: Person): Deed {
  return {
    shot: { method: 'DELETE', path: `/v1/subjects/${subject}`, key: world.platform },
    namesIn: ({ text }) => [(JSON.parse(text) as { event: string }).event],
  }
}

/** Does `count` deeds from number `first` on, as many at once as there are lanes, until done or cut off. */
export async function doDeeds(
  ground: Ground,
  lanes: readonly Connection[],
  { first, count }: { first: number; count: number },
  promised: Promised,
): Promise<void> {
  let next = first
  await Promise.all(
    lanes.map(async (lane) => {
      while (next < first + count) {
        const one = deed(ground, next++)
        const answer = await lane.send(one.shot).catch(() => undefined)
        if (!answer) {
          promised.brokenOff += 1
          return
        }
        promised.take(one, answer)
      }
    }),
  )
}
