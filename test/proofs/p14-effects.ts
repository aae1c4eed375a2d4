import type { Answer, Shot } from './p10-connection.ts'
import { PERSON, phoneOf } from './p10-world.ts'
import type { Person, World } from './p10-world.ts'

/** One request that is sent many times and has to happen once. */
export type Effect = {
  kind: Kind
  shot: Shot & { idempotencyKey: string }
  /** The same key with another body. */
  other: Shot
  /** What an answer names as done. */
  idOf(answer: Answer): string
}

export const KINDS = ['person', 'shipment', 'grant', 'party', 'credential', 'reveal'] as const
export type Kind = (typeof KINDS)[number]

/** Which event each effect leaves in the log, and which of its words names it. */
export const EVENT_OF: Readonly<Record<Kind, { type: string; name: string }>> = {
  person: { type: 'subject.stored', name: 'subject' },
  shipment: { type: 'shipment.created', name: 'shipment' },
  grant: { type: 'grant.given', name: 'grant' },
  party: { type: 'party.created', name: 'party' },
  credential: { type: 'credential.issued', name: 'concerns' },
  reveal: { type: 'reveal.allowed', name: 'id' },
}

type Request = Pick<Shot, 'path' | 'key' | 'body'> & { other: unknown }

/** What the requests of a run are made from: one person and, for each reveal, one of its own with a grant that counts. */
export type Ground = { world: World; person: Person; toReveal: Person[] }

const USES = 1_000

export async function prepareGround(world: World, reveals: number): Promise<Ground> {
  const ground: Ground = { world, person: await world.person(), toReveal: [] }
  for (let i = 0; i < reveals; i++) {
    const person = await world.person()
    await world.legalGrant(person, { usesMax: USES })
    ground.toReveal.push(person)
  }
  return ground
}

/** The nth effect of a run. Without a key, each repetition would happen anew: nothing in it is unique by itself. */
export function effect(ground: Ground, n: number): Effect {
  const kind = KINDS[n % KINDS.length]!
  const { path, key, body, other } = REQUESTS[kind](ground, n)
  const idempotencyKey = `key ${n}`
  const shot = { method: 'POST', path, key, body, idempotencyKey } as const
  return { kind, shot, other: { ...shot, body: other }, idOf: (answer) => idIn(kind, answer) }
}

function idIn(kind: Kind, { text }: Answer): string {
  const body = JSON.parse(text) as { id?: string; items?: { subject?: string; event?: string }[] }
  const [item] = body.items ?? []
  return (kind === 'person' ? item?.subject : kind === 'reveal' ? item?.event : body.id) ?? `nothing: ${text}`
}

const REQUESTS: Readonly<Record<Kind, (ground: Ground, n: number) => Request>> = {
  person({ world }, n) {
    const tokenize = (phone: string) => ({
      linkability: 'order',
      party: world.shop.id,
      items: [
        {
          key: 'row',
          person: {
            ...PERSON,
            phone,
          },
        },
      ],
    })
    const [body, other] = [tokenize(phoneOf(n)), tokenize(phoneOf(n + 1))]
    return { path: '/v1/tokenize', key: world.platform, body, other }
  },
  shipment({ world, person }, n) {
    const { name, phone, address } = person.tokens
    const body = { order_ref: `SO-${n}`, courier: world.courier.id, recipient: { name, phone, address } }
    return { path: '/v1/shipments', key: world.shop.key, body, other: { ...body, order_ref: `SO-${n}-b` } }
  },
  grant({ world, person }) {
    const of = {
      subject: person.subject,
      party: world.shop.id,
      basis: 'consent',
      until: '2099-01-01T00:00:00Z',
    }
    const body = { ...of, purpose: 'after_sale', fields: { phone: 'full' } }
    return { path: '/v1/grants', key: world.platform, body, other: { ...body, fields: { name: 'full' } } }
  },
  party({ world }, n) {
    const body = { kind: 'merchant', name: `Shop ${n}` }
    return { path: '/v1/parties', key: world.platform, body, other: { ...body, kind: 'courier' } }
  },
  credential({ world }, n) {
    const path = `/v1/parties/${world.shop.id}/credentials`
    return { path, key: world.platform, body: { label: `till ${n}` }, other: { label: 'another till' } }
  },
  reveal({ world, toReveal }, n) {
    const { tokens } = toReveal[Math.floor(n / KINDS.length)]!
    const body = {
      purpose: 'legal',
      operator: { id: `emp-${n}` },
      items: [
        {
          key: 'a',
          token: tokens.phone,
          order_ref: 'SO-1',
        },
      ],
    }
    return {
      path: '/v1/reveal',
      key: world.shop.key,
      body,
      other: { ...body, operator: { id: 'emp-other' } },
    }
  },
}
