import { keyedRef } from '../../src/crypto/blind-index.ts'
import { parseTenantId } from '../../src/core/id.ts'
import { DAY_MS } from '../../src/core/time.ts'
import type { EventType } from '../../src/vault/audit/event.ts'
import type { Answered, Harness } from '../http/harness.ts'
import { TO_THE_DOOR } from '../http/world.ts'
import { Canaries, NOBODY } from './p11-canaries.ts'
import type { Caller } from './p11-callers.ts'
import type { Estate, Party, Tenant, Tokens } from './p11-estates.ts'
import { makeNotices } from './p11-notices.ts'
import { makeWatched } from './p11-watch.ts'
import { retireKey } from './p11-p13-keys.ts'
import { person, refOf } from './p11-people.ts'
import type { Pii, Relations } from './p11-people.ts'

export type Plan = Pick<Estate, 'label' | 'tenant' | 'merchant' | 'courier' | 'broughtBy' | 'erased'> & {
  /** The other estate of the same person, brought in for another shop. */
  sharedWith?: Estate
}

/** What is settled about a person before anything happens to it. */
type About = Pick<Estate, 'relations' | 'pii' | 'externalRef'>
type Known = Plan & About & { subject: string; tokens: Tokens }

/** Makes parties and estates through the API, with a canary wherever a text goes in. */
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

  #unseen(what: string): string {
    return this.canaries.word({ what, ...NOBODY })
  }

  /** @param status `pending` leaves the party as it was made. */
  async party(kind: Party['kind'], tenant: Tenant, status: 'active' | 'pending' = 'active'): Promise<Party> {
    const ofPlatform = (caller: Caller) => caller.kind === 'platform' && caller.tenant === tenant.id
    // People are told who looked; of another tenant's parties nobody learns even the name.
    const ofPeople = (caller: Caller) => caller.kind === 'person' && caller.tenant === tenant.id
    const sealed = (what: string) =>
      this.canaries.word({ what: `a party's ${what}`, mayReach: (caller) => ofPlatform(caller) })
    const { id } = await this.ok(tenant.platform, '/v1/parties', {
      kind,
      name: this.canaries.word({
        what: "a party's name",
        mayReach: (caller) => ofPlatform(caller) || ofPeople(caller),
      }),
      contact: sealed('contact'),
      registration_number: sealed('registration'),
    })
    const label = this.#unseen("a credential's label")
    const issued = await this.ok(tenant.platform, `/v1/parties/${id}/credentials`, { label })
    const party = { kind, id, tenant, credential: issued.secret, credentialId: issued.id }
    if (status === 'active') await this.setStatus(party, 'active')
    return party
  }

  async setStatus({ id, tenant }: Party, status: string): Promise<void> {
    const body = { status, reason: this.#unseen('a reason') }
    await this.ok(tenant.platform, `/v1/parties/${id}/status`, body)
  }

  async signIn({ platform }: Tenant, subject: string): Promise<Estate['session']> {
    return this.ok(platform, `/v1/subjects/${subject}/sessions`, undefined, 'POST')
  }

  /** Goes once through what happens to a parcel and its person, so that there is something of everything. */
  async estate(plan: Plan): Promise<Estate> {
    const { tenant, merchant, courier, sharedWith } = plan
    const about = sharedWith ?? this.#about(tenant)
    const { relations } = about
    relations.shops.add(merchant.id)
    relations.couriers.add(courier.id)
    const brought = await this.#bringIn(plan, about)
    relations.subject = brought.subject
    const { externalRef, pii } = about
    const known = { ...plan, externalRef, pii, relations, ...brought, second: sharedWith !== undefined }
    const { delivery, ...parcel } = await this.#ship(known)
    const { session, ...grants } = await this.#grant(known)
    const events = await this.#look({ ...known, ...parcel })
    const keys = await retireKey(this.harness, tenant.id, merchant.credentialId)
    const { index: logIndex } = await this.#newest(known, 'reveal.allowed')
    if (plan.erased) await this.ok(tenant.platform, `/v1/subjects/${known.subject}`, undefined, 'DELETE')
    const incident = await this.#incident(known)
    const notices = await this.#notices(known, incident)
    const watched = await this.#watched(known, events.platform)
    const canary = await this.#canary(known)
    const found = { session, canary, events, logIndex, incident, ...notices, ...watched, ...keys }
    return { ...known, ...parcel, grants: { ...grants, delivery }, ...found }
  }

  #about(tenant: Tenant): About {
    const relations: Relations = { tenant: tenant.id, subject: '', shops: new Set(), couriers: new Set() }
    return { relations, pii: person(this.canaries, relations), externalRef: this.#unseen('an external_ref') }
  }

  async #bringIn(
    plan: Plan,
    about: { externalRef: string; pii: Pii },
  ): Promise<Pick<Known, 'tokens' | 'subject'>> {
    const { tenant, merchant, broughtBy } = plan
    const { externalRef, pii } = about
    const items = [{ key: 'row-1', external_ref: externalRef, locale: 'en', jurisdiction: 'CN', person: pii }]
    const byPlatform = broughtBy === 'platform'
    const body = byPlatform ? { party: merchant.id, items } : { items }
    const answer = await this.ok(byPlatform ? tenant.platform : merchant.credential, '/v1/tokenize', body)
    // A shop is not told the person's id: the store is asked.
    const owner = byPlatform ? ('platform' as const) : (merchant.id as `mer_${string}`)
    const id = parseTenantId(tenant.id)!
    const { ref } = await this.harness.vault.keyring.tenantKeys(id)
    const name = keyedRef(ref.primary.key, owner, externalRef)
    const [found] = await this.harness.store.findPersonsByRef(id, owner, [name])
    return { tokens: answer.items[0].tokens, subject: found!.subject.id }
  }

  async #ship({ merchant, courier, relations, tokens }: Known) {
    const orderRef = this.canaries.word(refOf('order_ref', relations, [merchant.id, courier.id]))
    const { name, phone, address } = tokens
    const parcel = { order_ref: orderRef, courier: courier.id, recipient: { name, phone, address } }
    const { id, waybill, grant } = await this.ok(merchant.credential, '/v1/shipments', parcel)
    for (const stage of TO_THE_DOOR) {
      await this.ok(courier.credential, `/v1/shipments/${id}/stage`, { stage })
    }
    return { orderRef, shipment: id as string, waybill: waybill as string, delivery: grant as string }
  }

  async #grant(known: Known): Promise<{ standing: string; given: string; session: Estate['session'] }> {
    const { tenant, merchant, courier, subject } = known
    const until = new Date(this.harness.now() + 30 * DAY_MS).toISOString()
    const usual = { subject, fields: { phone: 'full' }, basis: 'contract', until }
    const forShop = { ...usual, party: merchant.id, purpose: 'customer_service' }
    const given = await this.ok(tenant.platform, '/v1/grants', forShop)
    const { items } = await this.ok(tenant.platform, `/v1/grants?subject=${subject}`)
    const standing = (items as { id: string; origin: string; party: string }[]).find(
      ({ origin, party }) => origin === 'tokenize' && party === merchant.id,
    )
    const session = await this.signIn(tenant, subject)
    await this.ok(session.token, '/v1/me')
    // What one does to another leaves an event that both can read: it must not say too much of either.
    for (const party of [merchant.id, courier.id]) {
      const { id } = await this.ok(tenant.platform, '/v1/grants', { ...usual, party, purpose: 'legal' })
      await this.ok(session.token, `/v1/me/grants/${id}/revoke`, undefined, 'POST')
    }
    return { standing: standing!.id, given: given.id, session }
  }

  async #look(known: Known & Pick<Estate, 'orderRef' | 'waybill'>): Promise<Estate['events']> {
    const { merchant, courier, relations, tokens, orderRef, waybill } = known
    const look = async (party: Party, purpose: string, item: object): Promise<string> => {
      const operator = {
        id: this.canaries.word(refOf('operator', relations, [party.id])),
        device: this.canaries.word(refOf('device', relations, [party.id])),
      }
      const body = { purpose, operator, items: [{ key: 'a', ...item }] }
      return (await this.ok(party.credential, '/v1/reveal', body)).items[0].event
    }
    return {
      merchant: await look(merchant, 'customer_service', { token: tokens.phone, order_ref: orderRef }),
      courier: await look(courier, 'delivery', { waybill }),
      person: (await this.#newest(known, 'person.viewed')).id,
      platform: (await this.#newest(known, 'session.opened')).id,
    }
  }

  /** About a device that nobody looked with since: containing it changes nobody else's estate. */
  async #incident({ tenant, merchant }: Known): Promise<string> {
    const now = new Date(this.harness.now())
    const title = this.canaries.word({
      what: "an incident's title",
      mayReach: (caller) => caller.kind === 'platform' && caller.tenant === tenant.id,
    })
    const suspects = { credentials: [merchant.credentialId] }
    const occurred = { occurred_from: '2020-01-01T00:00:00Z', occurred_to: '2020-01-02T00:00:00Z' }
    const body = { title, kind: 'insider', aware_at: now.toISOString(), suspects, ...occurred }
    return (await this.ok(tenant.platform, '/v1/incidents', body)).id
  }

  #notices({ tenant, merchant }: Known, incident: string): Promise<Pick<Estate, 'notice' | 'published'>> {
    const ofPlatform = (caller: Caller) => caller.kind === 'platform' && caller.tenant === tenant.id
    const words = {
      draft: this.canaries.word({ what: "a draft's words", mayReach: ofPlatform }),
      published: this.canaries.word({ what: "a public notice's words", mayReach: () => true }),
    }
    const { credentialId } = merchant
    return makeNotices(this.harness, tenant.id, { credentialId, incident }, words)
  }

  async #canary({ tenant, merchant }: Known): Promise<string> {
    const body = { party: merchant.id, made_up: { locale: 'en' } }
    const { items } = await this.ok(tenant.platform, '/v1/canaries', body)
    return items[0].subject
  }

  #watched(
    { tenant, merchant: { credentialId } }: Known,
    event: string,
  ): Promise<Pick<Estate, 'signal' | 'hold'>> {
    const ofPlatform = (caller: Caller) => caller.kind === 'platform' && caller.tenant === tenant.id
    const reason = this.canaries.word({ what: "a hold's reason", mayReach: ofPlatform })
    return makeWatched(this.harness, tenant.id, { credentialId, event }, reason)
  }

  async #newest(of: Known, type: EventType): Promise<{ id: string; index: number }> {
    const filter = { subject: of.subject as `sub_${string}`, types: [type], order: 'newest' } as const
    const { rows } = await this.harness.store.listEvents(parseTenantId(of.tenant.id)!, filter, { limit: 1 })
    return rows[0]!
  }
}
