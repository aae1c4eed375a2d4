import type { TenantId } from '../../../src/core/id.ts'
import type { Harness } from '../../http/harness.ts'
import { PERSON } from '../../http/world.ts'
import type { Customer, Party } from '../../http/world.ts'

type Parcel = { id: string; waybill: string; stages: string[] }
type Session = { id: string; token: string }
type Parties = { platform: string; shop: Party; courier: Party }

const JOURNEY = ['picked_up', 'in_transit', 'at_station', 'out_for_delivery', 'delivered', 'closed']
const YEAR_AHEAD = '2027-11-23T12:00:00Z'

/** A tenant that does, by itself, everything that leaves events and moves state; the same for the same `next`. */
export class BusyTenant {
  readonly tenant: TenantId
  readonly platform: string
  readonly shop: Party
  readonly courier: Party
  readonly people: Customer[] = []
  readonly #harness: Harness
  readonly #next: () => number
  readonly #parcels: Parcel[] = []
  readonly #grants: string[] = []
  readonly #sessions: Session[] = []
  #persons = 0

  private constructor(harness: Harness, next: () => number, tenant: TenantId, parties: Parties) {
    this.#harness = harness
    this.#next = next
    this.tenant = tenant
    this.platform = parties.platform
    this.shop = parties.shop
    this.courier = parties.courier
  }

  static async open(harness: Harness, name: string, next: () => number): Promise<BusyTenant> {
    const platform = await harness.addTenant(name)
    const party = async (kind: string): Promise<Party> => {
      const { id } = (await harness.call(platform, '/v1/parties', { body: { kind, name: kind } })).body
      await harness.call(platform, `/v1/parties/${id}/status`, {
        body: { status: 'active', reason: 'checked' },
      })
      const issued = await harness.call(platform, `/v1/parties/${id}/credentials`, {
        body: { label: 'first' },
      })
      return { id, credential: issued.body.secret }
    }
    const parties = { platform, shop: await party('merchant'), courier: await party('courier') }
    return new BusyTenant(harness, next, name as TenantId, parties)
  }

  async #do(credential: string, path: string, body?: unknown, method?: string) {
    const answer = await this.#harness.call(credential, path, { body, ...(method && { method }) })
    if (answer.status >= 500) throw new Error(`${path}: ${answer.status} ${answer.text}`)
    return answer.body
  }

  #one<T>(of: readonly T[]): T | undefined {
    return of[Math.floor(this.#next() * of.length)]
  }

  /** So many things more, whatever comes. */
  async act(times: number): Promise<void> {
    const acts = Object.values(this.acts)
    for (let i = 0; i < times; i++) await this.#one(acts)?.()
  }

  readonly acts = {
    store: async () => {
      const ref = `u-${this.#persons++}`
      const items = [{ key: 'k', external_ref: ref, person: PERSON, jurisdiction: 'CN' }]
      const { items: stored } = await this.#do(this.platform, '/v1/tokenize', { party: this.shop.id, items })
      const [{ subject, tokens }] = stored
      this.people.push({ subject, tokens })
    },
    storeAgain: async () => {
      if (this.#persons === 0) return
      const ref = `u-${Math.floor(this.#next() * this.#persons)}`
      const person = { ...PERSON, phone: `+86138${String(this.#next()).slice(2, 10).padEnd(8, '1')}` }
      const body = { party: this.shop.id, items: [{ key: 'k', external_ref: ref, person }] }
      await this.#do(this.platform, '/v1/tokenize', body)
    },
    ship: async () => {
      const person = this.#one(this.people)
      if (!person) return
      const { name, phone, address } = person.tokens
      const body = {
        order_ref: `SO-${this.#persons}`,
        courier: this.courier.id,
        recipient: { name, phone, address },
      }
      const made = await this.#do(this.shop.credential, '/v1/shipments', body)
      if (made.waybill) this.#parcels.push({ id: made.id, waybill: made.waybill, stages: [...JOURNEY] })
    },
    move: async () => {
      const parcel = this.#one(this.#parcels)
      const stage = this.#next() < 0.1 ? 'returned' : parcel?.stages.shift()
      if (parcel && stage)
        await this.#do(this.courier.credential, `/v1/shipments/${parcel.id}/stage`, { stage })
    },
    reveal: async () => {
      const items = this.#parcels.slice(-3).map(({ waybill }, i) => ({ key: `k${i}`, waybill }))
      if (items.length === 0) return
      const body = { purpose: 'delivery', operator: { id: 'emp-1' }, items }
      await this.#do(this.courier.credential, '/v1/reveal', body)
    },
    mask: async () => {
      const items = this.people.slice(-3).map(({ tokens }, i) => ({ key: `k${i}`, token: tokens.name }))
      if (items.length > 0) await this.#do(this.shop.credential, '/v1/mask', { items })
    },
    give: async () => {
      const subject = this.#one(this.people)?.subject
      const terms = {
        purpose: 'legal',
        fields: { phone: 'full', name: 'surname' },
        basis: 'legal_obligation',
      }
      const grant = { ...terms, subject, party: this.shop.id, until: YEAR_AHEAD }
      const given = subject && (await this.#do(this.platform, '/v1/grants', grant))
      if (given?.id) this.#grants.push(given.id)
    },
    revoke: async () => {
      const given = this.#one(this.#grants)
      if (given) await this.#do(this.platform, `/v1/grants/${given}/revoke`, { reason: 'asked' })
    },
    revokeOwn: async () => {
      const session = this.#one(this.#sessions)
      if (!session) return
      const grants = await this.#do(session.token, '/v1/me/grants')
      const [first] = grants.items ?? []
      if (first) await this.#do(session.token, `/v1/me/grants/${first.id}/revoke`, {})
    },
    erase: async () => {
      const subject = this.#one(this.people)?.subject
      if (subject && this.#next() < 0.4)
        await this.#do(this.platform, `/v1/subjects/${subject}`, undefined, 'DELETE')
    },
    signIn: async () => {
      const subject = this.#one(this.people)?.subject
      const opened =
        subject && (await this.#do(this.platform, `/v1/subjects/${subject}/sessions`, undefined, 'POST'))
      if (opened?.token) this.#sessions.push({ id: opened.session, token: opened.token })
    },
    look: async () => {
      const session = this.#one(this.#sessions)
      if (session) await this.#do(session.token, '/v1/me')
    },
    signOut: async () => {
      const session = this.#one(this.#sessions)
      if (session) await this.#do(session.token, '/v1/me/session', undefined, 'DELETE')
    },
    credential: async () => {
      const path = `/v1/parties/${this.shop.id}/credentials`
      const issued = await this.#do(this.platform, path, { label: 'till' })
      if (this.#next() < 0.5)
        await this.#do(this.platform, `/v1/credentials/${issued.id}`, undefined, 'DELETE')
    },
    party: async () => {
      const { id } = await this.#do(this.platform, '/v1/parties', { kind: 'courier', name: 'another' })
      const status = this.#one(['active', 'terminated', undefined])
      if (status) await this.#do(this.platform, `/v1/parties/${id}/status`, { status, reason: 'decided' })
    },
    correct: async () => {
      const subject = this.#one(this.people)?.subject
      if (subject)
        await this.#do(this.platform, `/v1/subjects/${subject}`, { person: { name: '李四' } }, 'PATCH')
    },
  }
}
