import { randomBytes } from 'node:crypto'
import { opaqueId, parseTenantId } from '../../src/core/id.ts'
import type { IdPrefix } from '../../src/core/id.ts'
import type { EventType } from '../../src/vault/audit/event.ts'
import type { Answered, Harness } from '../http/harness.ts'
import { TO_THE_DOOR } from '../http/world.ts'
import { Canaries, NOBODY } from './p11-canaries.ts'
import type { Caller } from './p11-callers.ts'
import { peopleOf } from './p11-people.ts'
import type { Pii, Relations } from './p11-people.ts'

export type Tenant = { id: string; platform: string }

export type Party = {
  kind: 'merchant' | 'courier'
  id: string
  tenant: Tenant
  credential: string
  credentialId: string
}

/** Everything that one shop, one courier and one person have in common: whatever a route can be pointed at is in here. */
export type Estate = {
  label: string
  tenant: Tenant
  merchant: Party
  courier: Party
  broughtBy: 'merchant' | 'platform'
  erased: boolean
  /** The person was brought in before, for another shop. */
  second: boolean
  subject: string
  pii: Pii
  relations: Relations
  tokens: { name: string; phone: string; email: string; address: string }
  shipment: string
  waybill: string
  grants: { standing: string; delivery: string; given: string }
  session: { id: string; token: string }
  events: { merchant: string; courier: string; person: string; platform: string }
  orderRef: string
  externalRef: string
  /** Where one of its events stands in the tenant's log. */
  logIndex: number
}

export type Plan = Pick<Estate, 'label' | 'tenant' | 'merchant' | 'courier' | 'broughtBy' | 'erased'> & {
  /** The other estate of the same person, brought in for another shop. */
  sharedWith?: Estate
}

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

/** An id that nobody has. */
export function nobodys(prefix: IdPrefix): string {
  return opaqueId(prefix, random)
}

export class Maker {
  readonly harness: Harness
  readonly canaries = new Canaries()

  constructor(harness: Harness) {
    this.harness = harness
  }

  async tenant(id: string): Promise<Tenant> {
    return { id, platform: await this.harness.addTenant(id) }
  }

  async ok(credential: string, path: string, body?: unknown, method?: string): Promise<Answered['body']> {
    const answer = await this.harness.call(credential, path, { body, ...(method && { method }) })
    if (answer.status >= 300) throw new Error(`${method ?? ''} ${path}: ${answer.status} ${answer.text}`)
    return answer.body
  }

  /** @param status `pending` leaves the party as it was made. */
  async party(kind: Party['kind'], tenant: Tenant, status: 'active' | 'pending' = 'active'): Promise<Party> {
    const ofPlatform = (what: string) => ({
      what: `a party's ${what}`,
      mayReach: (caller: Caller) => caller.kind === 'platform' && caller.tenant === tenant.id,
    })
    // The person is told who looked; of another tenant's parties nobody learns even the name.
    const mayReach = (caller: Caller) =>
      caller.tenant === tenant.id && (caller.kind === 'platform' || caller.kind === 'person')
    const { id } = await this.ok(tenant.platform, '/v1/parties', {
      kind,
      name: this.canaries.word({ what: "a party's name", mayReach }),
      contact: this.canaries.word(ofPlatform('contact')),
      registration_number: this.canaries.word(ofPlatform('registration')),
    })
    const label = this.canaries.word({ what: "a credential's label", ...NOBODY })
    const issued = await this.ok(tenant.platform, `/v1/parties/${id}/credentials`, { label })
    const party = { kind, id, tenant, credential: issued.secret, credentialId: issued.id }
    if (status === 'active') await this.setStatus(party, 'active')
    return party
  }

  async setStatus({ id, tenant }: Party, status: string): Promise<void> {
    const reason = this.canaries.word({ what: 'a reason', ...NOBODY })
    await this.ok(tenant.platform, `/v1/parties/${id}/status`, { status, reason })
  }

  async signIn({ platform }: Tenant, subject: string): Promise<Estate['session']> {
    return this.ok(platform, `/v1/subjects/${subject}/sessions`, undefined, 'POST')
  }

  async estate(plan: Plan): Promise<Estate> {
    const { tenant, merchant, courier, sharedWith } = plan
    const people = peopleOf(this.canaries)
    const relations = sharedWith?.relations ?? {
      tenant: tenant.id,
      subject: '',
      shops: new Set(),
      couriers: new Set(),
    }
    relations.shops.add(merchant.id)
    relations.couriers.add(courier.id)
    const pii = sharedWith?.pii ?? people.pii(relations)
    const externalRef = sharedWith?.externalRef ?? this.canaries.word({ what: 'an external_ref', ...NOBODY })
    const { tokens, subject } = await this.#bringIn(plan, externalRef, pii)
    relations.subject = subject
    const orderRef = this.canaries.word(people.refOf('order_ref', relations, [merchant.id, courier.id]))
    const recipient = { name: tokens.name, phone: tokens.phone, address: tokens.address }
    const parcel = await this.ok(merchant.credential, '/v1/shipments', {
      order_ref: orderRef,
      courier: courier.id,
      recipient,
    })
    const made = {
      ...plan,
      second: sharedWith !== undefined,
      subject,
      pii,
      relations,
      tokens,
      shipment: parcel.id,
      waybill: parcel.waybill,
      orderRef,
      externalRef,
    }
    const { shipment: _, ...rest } = await this.#live(made, parcel.grant)
    if (plan.erased) await this.ok(tenant.platform, `/v1/subjects/${subject}`, undefined, 'DELETE')
    return { ...made, ...rest }
  }

  async #bringIn(
    { tenant, merchant, broughtBy }: Plan,
    externalRef: string,
    pii: Pii,
  ): Promise<Pick<Estate, 'tokens' | 'subject'>> {
    const items = [
      { key: 'row-1', external_ref: externalRef, locale: 'en', jurisdiction: 'CN', person: pii.person },
    ]
    const byPlatform = broughtBy === 'platform'
    const body = byPlatform ? { party: merchant.id, items } : { items }
    const answer = await this.ok(byPlatform ? tenant.platform : merchant.credential, '/v1/tokenize', body)
    const owner = byPlatform ? ('platform' as const) : (merchant.id as `mer_${string}`)
    const [person] = await this.harness.store.findPersonsByRef(parseTenantId(tenant.id)!, owner, [
      externalRef,
    ])
    return { tokens: answer.items[0].tokens, subject: person!.subject.id }
  }

  /** Goes once through what happens to a parcel and its person, so that there is something of everything. */
  async #live(at: Omit<Estate, 'grants' | 'session' | 'events' | 'logIndex'>, delivery: string) {
    const { tenant, merchant, courier, subject, shipment, relations } = at
    const people = peopleOf(this.canaries)
    for (const stage of TO_THE_DOOR)
      await this.ok(courier.credential, `/v1/shipments/${shipment}/stage`, { stage })
    const until = new Date(this.harness.now() + 30 * 86_400_000).toISOString()
    const grant = {
      subject,
      party: merchant.id,
      purpose: 'customer_service',
      fields: { phone: 'full' },
      basis: 'contract',
      until,
    }
    const given = await this.ok(tenant.platform, '/v1/grants', grant)
    const grants: { items: { id: string; origin: string; party: string }[] } = await this.ok(
      tenant.platform,
      `/v1/grants?subject=${subject}`,
    )
    const standing = grants.items.find(({ origin, party }) => origin === 'tokenize' && party === merchant.id)!
    const session = await this.signIn(tenant, subject)
    await this.ok(session.token, '/v1/me')
    const look = async (party: Party, purpose: string, item: object): Promise<string> => {
      const operator = {
        id: this.canaries.word(people.refOf('operator', relations, [party.id])),
        device: this.canaries.word(people.refOf('device', relations, [party.id])),
      }
      const body = { purpose, operator, items: [{ key: 'a', ...item }] }
      return (await this.ok(party.credential, '/v1/reveal', body)).items[0].event
    }
    const events = {
      merchant: await look(merchant, 'customer_service', { token: at.tokens.phone, order_ref: at.orderRef }),
      courier: await look(courier, 'delivery', { waybill: at.waybill }),
      person: (await this.#newest(tenant, subject, 'person.viewed')).id,
      platform: (await this.#newest(tenant, subject, 'session.opened')).id,
    }
    const { index: logIndex } = await this.#newest(tenant, subject, 'reveal.allowed')
    return {
      shipment,
      session,
      events,
      logIndex,
      grants: { standing: standing.id, delivery, given: given.id as string },
    }
  }

  async #newest(tenant: Tenant, subject: string, type: EventType): Promise<{ id: string; index: number }> {
    const filter = { subject: subject as `sub_${string}`, types: [type], order: 'newest' } as const
    const { rows } = await this.harness.store.listEvents(parseTenantId(tenant.id)!, filter, { limit: 1 })
    return rows[0]!
  }
}

/** The same shape as an estate, and nothing of it exists. */
export function ghost(canaries: Canaries): Estate {
  const tenant: Tenant = { id: 'nowhere', platform: '' }
  const party = (kind: Party['kind']): Party => ({
    ...{ kind, tenant, credential: '', credentialId: nobodys('key') },
    id: nobodys(kind === 'merchant' ? 'mer' : 'cou'),
  })
  const relations: Relations = {
    tenant: tenant.id,
    subject: nobodys('sub'),
    shops: new Set(),
    couriers: new Set(),
  }
  return {
    ...{ label: 'what does not exist', tenant, merchant: party('merchant'), courier: party('courier') },
    ...{ broughtBy: 'merchant', erased: false, subject: relations.subject, relations, second: false },
    pii: peopleOf(canaries).pii(relations),
    tokens: { name: nobodys('tok'), phone: nobodys('tok'), email: nobodys('tok'), address: nobodys('tok') },
    ...{ shipment: nobodys('shp'), waybill: nobodys('wb') },
    grants: { standing: nobodys('grt'), delivery: nobodys('grt'), given: nobodys('grt') },
    session: { id: nobodys('ses'), token: '' },
    events: {
      merchant: nobodys('evt'),
      courier: nobodys('evt'),
      person: nobodys('evt'),
      platform: nobodys('evt'),
    },
    orderRef: canaries.word({ what: 'an order_ref of nobody', ...NOBODY }),
    externalRef: canaries.word({ what: 'an external_ref of nobody', ...NOBODY }),
    logIndex: 999_999,
  }
}
