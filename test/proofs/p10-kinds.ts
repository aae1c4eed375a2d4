import type { Answer, Shot } from './p10-connection.ts'
import { addParty, phoneOf } from './p10-world.ts'
import type { Parcel, Party, Person, World } from './p10-world.ts'

/** `stands`: answered as before the revocation. `stopped`: as after it. `conflict`: something moved in between. */
export type Seen = 'stands' | 'stopped' | 'conflict' | 'wrong'

/** One thing that can be revoked, a reveal that rests on it, and what the reveal's answers mean. */
export type Race = { reveal: Shot; revoke: Shot; judge(answer: Answer): Seen }

/** What the races of one lane share. */
export class Arena {
  readonly world: World
  /** Values that a correction replaced or put, in order, by person: what the log's order is held against. */
  readonly values = new Map<string, string[]>()
  #round = 0
  #courier: Promise<Party> | undefined
  #parcel: Promise<Parcel> | undefined
  #corrected: { person: Person; session: string; left: number } | undefined

  constructor(world: World) {
    this.world = world
  }

  /** True every other time it is asked: who revokes takes turns. */
  turn(): boolean {
    this.#round += 1
    return this.#round % 2 === 0
  }

  /** A courier of this arena alone, so that suspending it stops nobody else's race. */
  courier(): Promise<Party> {
    this.#courier ??= addParty(this.world.control, this.world.platform, 'courier', 'a courier to suspend')
    return this.#courier
  }

  itsParcel(): Promise<Parcel> {
    this.#parcel ??= Promise.all([this.world.person(), this.courier()]).then(([person, courier]) =>
      this.world.parcel(person, courier),
    )
    return this.#parcel
  }

  /** A person who corrects one number after the other. */
  async corrected(): Promise<{ person: Person; session: string }> {
    if (!this.#corrected || this.#corrected.left === 0) {
      const person = await this.world.person()
      await this.world.legalGrant(person)
      const { token } = await this.world.session(person)
      this.values.set(person.subject, [person.phone])
      this.#corrected = { person, session: token, left: CORRECTIONS_A_PERSON }
    }
    this.#corrected.left -= 1
    return this.#corrected
  }
}

const CORRECTIONS_A_PERSON = 50

export const KINDS: Readonly<Record<string, (arena: Arena) => Promise<Race>>> = {
  'grant, by the person': async ({ world }) => {
    const person = await world.person()
    const [grant, session] = [await world.legalGrant(person), await world.session(person)]
    const revoke = post(session.token, `/v1/me/grants/${grant}/revoke`)
    return { reveal: wholePhone(world, person), revoke, judge: itemJudge(['grant_revoked'], person.phone) }
  },
  'grant, by the platform': async ({ world }) => {
    const { waybill, grant } = await world.parcel(await world.person())
    const revoke = post(world.platform, `/v1/grants/${grant}/revoke`, { reason: 'asked to' })
    return { reveal: byWaybill(world.courier, waybill), revoke, judge: itemJudge(['grant_revoked']) }
  },
  'grant by hand, to the courier': async ({ world }) => {
    const person = await world.person()
    const { waybill } = await world.parcel(person)
    const grant = await world.legalGrant(person, { party: world.courier, fields: { name: 'full' } })
    const revoke = post(world.platform, `/v1/grants/${grant}/revoke`, { reason: 'asked to' })
    return {
      reveal: revealOf(world.courier.key, 'legal', { waybill }),
      revoke,
      judge: itemJudge(['grant_revoked']),
    }
  },
  credential: async ({ world }) => {
    const person = await world.person()
    const path = `/v1/parties/${world.shop.id}/credentials`
    const { id, secret } = await world.ask<{ id: string; secret: string }>('POST', path, {
      label: 'to revoke',
    })
    const revoke: Shot = { method: 'DELETE', path: `/v1/credentials/${id}`, key: world.platform }
    return {
      reveal: masked({ ...world.shop, key: secret }, person),
      revoke,
      judge: callJudge(401, 'unauthenticated'),
    }
  },
  party: async (arena) => {
    const { world } = arena
    const [courier, { waybill }] = [await arena.courier(), await arena.itsParcel()]
    const path = `/v1/parties/${courier.id}/status`
    const { status } = await world.ask<{ status: string }>('GET', `/v1/parties/${courier.id}`)
    if (status === 'suspended') await world.ask('POST', path, { status: 'active', reason: 'cleared' })
    const revoke = post(world.platform, path, { status: 'suspended', reason: 'a doubt' })
    return { reveal: byWaybill(courier, waybill), revoke, judge: callJudge(403, 'party_not_active') }
  },
  session: async (arena) => {
    const { world } = arena
    const { id, token } = await world.session(await world.person())
    const revoke: Shot = arena.turn()
      ? { method: 'DELETE', path: `/v1/sessions/${id}`, key: world.platform }
      : { method: 'DELETE', path: '/v1/me/session', key: token }
    const reveal: Shot = { method: 'GET', path: '/v1/me', key: token }
    return { reveal, revoke, judge: callJudge(401, 'unauthenticated') }
  },
  'standing grant, seen by the shop': async (arena) => {
    const { world } = arena
    const person = await world.person()
    const judge = itemJudge(['grant_revoked', 'token_retired'])
    return { reveal: masked(world.shop, person), revoke: await endStanding(arena, person), judge }
  },
  'standing grant, as masks': async (arena) => {
    const { world } = arena
    const person = await world.person()
    const reveal = post(world.shop.key, '/v1/mask', { items: [{ key: 'a', token: person.tokens.phone }] })
    return { reveal, revoke: await endStanding(arena, person), judge: itemJudge(['token_retired']) }
  },
  'standing grant, seen by the courier': async (arena) => {
    const { world } = arena
    const person = await world.person()
    const { waybill } = await world.parcel(person)
    const revoke = await endStanding(arena, person)
    return { reveal: byWaybill(world.courier, waybill), revoke, judge: itemJudge(['token_retired']) }
  },
  erasure: async (arena) => {
    const { world } = arena
    const person = await world.person()
    const revoke: Shot = arena.turn()
      ? { method: 'DELETE', path: `/v1/subjects/${person.subject}`, key: world.platform }
      : post((await world.session(person)).token, '/v1/me/erasure')
    // It ends the grants too, and where reads are not all of one moment, a reveal on its way may see that first.
    const judge = itemJudge(['subject_erased', 'grant_revoked'])
    return { reveal: masked(world.shop, person), revoke, judge }
  },
  'parcel cancelled': async (arena) => {
    const { world } = arena
    const { id, waybill } = await world.parcel(await world.person())
    const key = arena.turn() ? world.platform : world.courier.key
    const revoke = post(key, `/v1/shipments/${id}/stage`, { stage: 'cancelled' })
    return { reveal: byWaybill(world.courier, waybill), revoke, judge: itemJudge(['shipment_closed']) }
  },
  'parcel closed': async ({ world }) => {
    const parcel = await world.parcel(await world.person())
    for (const stage of ['picked_up', 'delivered']) await world.move(parcel, stage)
    const revoke = post(world.courier.key, `/v1/shipments/${parcel.id}/stage`, { stage: 'closed' })
    return { reveal: byWaybill(world.courier, parcel.waybill), revoke, judge: itemJudge(['shipment_closed']) }
  },
  correction: async (arena) => {
    const { world } = arena
    const { person, session } = await arena.corrected()
    const values = arena.values.get(person.subject)!
    const [before, now] = [values.at(-1)!, phoneOf(world.number())]
    values.push(now)
    const body = { person: { phone: now } }
    const revoke: Shot = arena.turn()
      ? { method: 'PATCH', path: `/v1/subjects/${person.subject}`, key: world.platform, body }
      : { method: 'PATCH', path: '/v1/me', key: session, body }
    return { reveal: wholePhone(world, person), revoke, judge: (answer) => judgeValue(answer, before, now) }
  },
}

function post(key: string, path: string, body?: unknown): Shot {
  return { method: 'POST', path, key, body }
}

function revealOf(key: string, purpose: string, item: object): Shot {
  const body = { purpose, operator: { id: 'emp-1' }, items: [{ key: 'a', ...item }] }
  return post(key, '/v1/reveal', body)
}

export function byWaybill(courier: Party, waybill: string): Shot {
  return revealOf(courier.key, 'delivery', { waybill })
}

/** Under the permission that the platform gave by hand. */
export function wholePhone({ shop }: World, { tokens }: Person): Shot {
  return revealOf(shop.key, 'legal', { token: tokens.phone, order_ref: 'SO-1' })
}

/** Under the shop's standing permission. */
function masked(shop: Party, { tokens }: Person): Shot {
  return revealOf(shop.key, 'customer_service', { token: tokens.phone, order_ref: 'SO-1' })
}

async function endStanding(arena: Arena, person: Person): Promise<Shot> {
  const { world } = arena
  const grant = await world.standingGrant(person)
  if (arena.turn()) return post(world.platform, `/v1/grants/${grant}/revoke`, { reason: 'asked to' })
  return post((await world.session(person)).token, `/v1/me/grants/${grant}/revoke`)
}

type RevealedItem = { status: string; code?: string; event?: string; fields?: { phone?: { value?: string } } }

/** The one item of a reveal; undefined for any other answer. */
export function itemOf({ status, text }: Answer): RevealedItem | undefined {
  if (status !== 200) return undefined
  return (JSON.parse(text) as { items?: RevealedItem[] }).items?.[0]
}

function isConflict({ status, text }: Answer): boolean {
  return status === 409 && (JSON.parse(text) as { code: string }).code === 'conflict'
}

/** For what makes single items denied. @param value what an allowed one has to show, and a denied one must not. */
function itemJudge(codes: readonly string[], value?: string): (answer: Answer) => Seen {
  return (answer) => {
    if (isConflict(answer)) return 'conflict'
    const item = itemOf(answer)
    if (item?.status === 'ok')
      return value === undefined || item.fields?.phone?.value === value ? 'stands' : 'wrong'
    const denied = item?.status === 'denied' && codes.includes(item.code ?? '') && item.fields === undefined
    return denied && !answer.text.includes(value ?? 'no value') ? 'stopped' : 'wrong'
  }
}

/** For what makes the whole call refused. */
function callJudge(status: number, code: string): (answer: Answer) => Seen {
  return (answer) => {
    if (answer.status === 200) return (itemOf(answer)?.status ?? 'ok') === 'ok' ? 'stands' : 'wrong'
    if (isConflict(answer)) return 'conflict'
    const given = (JSON.parse(answer.text) as { code: string }).code
    return answer.status === status && given === code ? 'stopped' : 'wrong'
  }
}

function judgeValue(answer: Answer, before: string, now: string): Seen {
  if (isConflict(answer)) return 'conflict'
  const value = itemOf(answer)?.fields?.phone?.value
  if (value === now) return 'stopped'
  return value === before ? 'stands' : 'wrong'
}
