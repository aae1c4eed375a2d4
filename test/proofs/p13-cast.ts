import { integrateLogs } from '../../src/vault/log/integrate.ts'
import { randomBytes } from 'node:crypto'
import { opaqueId, parseTenantId } from '../../src/core/id.ts'
import { parseCredential } from '../../src/crypto/credential.ts'
import type { IdPrefix } from '../../src/core/id.ts'
import type { Answered, Harness } from '../http/harness.ts'
import { PERSON, TO_THE_DOOR } from '../http/world.ts'
import { makeNotices } from './p11-notices.ts'
import { makeWatched } from './p11-watch.ts'
import { retireKey } from './p11-p13-keys.ts'

export type Platforms = { fuzz: string; other: string }

/** Who calls in one stretch of the run, and which ids lie about: their own, others', and nobody's. */
export type Cast = {
  /** By caller; of several each call takes another. */
  credentials: Readonly<Record<string, readonly string[]>>
  ids: ReadonlyMap<string, readonly string[]>
}

const PREFIXES: readonly IdPrefix[] = [
  'mer',
  'cou',
  'sub',
  'key',
  'tok',
  'shp',
  'wb',
  'grt',
  'evt',
  'ses',
  'req',
  'inc',
  'ntc',
  'sig',
  'hld',
]
const ID = /\b([a-z]{2,3})_[0-9a-hjkmnp-tv-z]{26}\b/g

/** Each session may be signed out of and each person erased by what is generated: there are some to spare. */
const PEOPLE = 12
const PARCELS = 3
/** Each can be destroyed once. All of a tenant's are read together, so it has no more than some. */
const RETIRED_KEYS = 4
const MAX_KEYS = 60

type Party = { id: string; credential: string; credentialId: string }

/** Makes the people and things of one stretch, and keeps every id that an answer shows. */
class Casting {
  readonly #harness: Harness
  readonly #ids = new Map<string, string[]>(PREFIXES.map((prefix) => [prefix, []]))

  constructor(harness: Harness) {
    this.#harness = harness
  }

  async ok(credential: string, path: string, body?: unknown, method?: string): Promise<Answered['body']> {
    const answer = await this.#harness.call(credential, path, { body, ...(method && { method }) })
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`)
    for (const [id, prefix = ''] of answer.text.matchAll(ID)) {
      // The log names the platform's own credential too: were it revoked, nothing would be left to try.
      if (prefix !== 'key' || path.endsWith('/credentials')) this.#ids.get(prefix)?.push(id)
    }
    return answer.body
  }

  #keep(kind: string, id: string): void {
    this.#ids.set(kind, [...(this.#ids.get(kind) ?? []), id])
  }

  async party(platform: string, kind: 'merchant' | 'courier', active = true): Promise<Party> {
    const { id } = await this.ok(platform, '/v1/parties', { kind, name: 'A party', contact: 'Somebody' })
    if (active) await this.ok(platform, `/v1/parties/${id}/status`, { status: 'active', reason: 'checked' })
    const issued = await this.ok(platform, `/v1/parties/${id}/credentials`, { label: 'first' })
    return { id, credential: issued.secret, credentialId: issued.id }
  }

  /** Persons brought in for a shop, some with a parcel, each with a session of its own. */
  async people(platform: string, shop: Party, courier: Party, stages: readonly string[]): Promise<string[]> {
    const items = Array.from({ length: PEOPLE }, (_, i) => {
      return { key: `k-${i}`, external_ref: `ref-${i}`, jurisdiction: 'CN', person: PERSON }
    })
    const brought = await this.ok(platform, '/v1/tokenize', { party: shop.id, items })
    for (const { tokens, key } of brought.items.slice(0, PARCELS)) {
      for (const [field, token] of Object.entries<string>(tokens)) this.#keep(`tok${field}`, token)
      const recipient = { name: tokens.name, phone: tokens.phone, address: tokens.address }
      const parcel = { order_ref: `SO-${key}`, courier: courier.id, recipient }
      const { id } = await this.ok(shop.credential, '/v1/shipments', parcel)
      for (const stage of stages) await this.ok(courier.credential, `/v1/shipments/${id}/stage`, { stage })
    }
    const sessions: string[] = []
    for (const { subject } of brought.items) {
      const { token } = await this.ok(platform, `/v1/subjects/${subject}/sessions`, undefined, 'POST')
      sessions.push(token)
      await this.ok(platform, `/v1/grants?subject=${subject}`)
    }
    await this.ok(platform, `/v1/events?party=${shop.id}`)
    return sessions
  }

  /** About a party that nobody calls as: what contains it hits none of those who do. */
  async incident(platform: string, suspect: Party): Promise<void> {
    const aware_at = new Date(this.#harness.now()).toISOString()
    const body = { title: 'Something', kind: 'insider', aware_at, suspects: { parties: [suspect.id] } }
    const { id } = await this.ok(platform, '/v1/incidents', body)
    await this.notices(platform, id, suspect)
  }

  /** Drafts, some of them by somebody else, so that they can be approved. */
  async notices(platform: string, incident: string, { credentialId }: Party): Promise<void> {
    const words = { en: { subject: 'A leak', text: 'Dear {name}' } }
    await this.ok(platform, `/v1/incidents/${incident}/notices`, {
      audience: 'persons',
      channel: 'page',
      words,
    })
    const texts = { draft: 'x', published: 'y' }
    const made = await makeNotices(this.#harness, tenantOf(platform), { credentialId, incident }, texts)
    for (const id of Object.values(made)) this.#keep('ntc', id)
    const [{ id: event }] = (await this.ok(platform, '/v1/events?limit=1')).items
    const about = { credentialId, event }
    const { signal, hold } = await makeWatched(this.#harness, tenantOf(platform), about, 'z')
    this.#keep('sig', signal)
    this.#keep('hld', hold)
  }

  async canaries(platform: string, shop: Party): Promise<void> {
    const made_up = { count: 3, locale: 'en', email: '{random}@m.example' }
    const { items } = await this.ok(platform, '/v1/canaries', { party: shop.id, made_up })
    for (const { subject } of items) this.#keep('sub', subject)
  }

  /** Key versions that nothing needs, of which some are asked to be destroyed. */
  async retiredKeys(tenant: string, { credentialId }: Party): Promise<void> {
    const keys = await this.#harness.store.listTenantKeys(parseTenantId(tenant)!)
    if (keys.length > MAX_KEYS) return
    for (let n = 0; n < RETIRED_KEYS; n++) {
      const { destruction } = await retireKey(this.#harness, tenant, credentialId)
      this.#keep('req', destruction)
    }
  }

  /** In turn what is there and what is not. */
  ids(): Cast['ids'] {
    const random = (length: number) => new Uint8Array(randomBytes(length))
    const mixed = [...this.#ids].map(([kind, known]): [string, string[]] => {
      const prefix = kind.startsWith('tok') ? 'tok' : kind
      const ghost = opaqueId(prefix as IdPrefix, random)
      if (kind !== prefix) return [kind, known]
      const others = [ghost, ghost.toUpperCase(), ghost.slice(0, -1), `${ghost}0`, `${prefix}_`]
      return [kind, [...new Set(known), ...others]]
    })
    return new Map(mixed)
  }
}

/** A credential names its tenant. */
function tenantOf(credential: string): string {
  return parseCredential(credential)?.tenant ?? ''
}

export async function openCast(harness: Harness, { fuzz, other }: Platforms): Promise<Cast> {
  const casting = new Casting(harness)
  const shop = await casting.party(fuzz, 'merchant')
  const rivalShop = await casting.party(fuzz, 'merchant')
  const courier = await casting.party(fuzz, 'courier')
  const rivalCourier = await casting.party(fuzz, 'courier')
  const otherShop = await casting.party(other, 'merchant')
  const otherCourier = await casting.party(other, 'courier')
  const revoked = await casting.ok(fuzz, `/v1/parties/${shop.id}/credentials`, { label: 'second' })
  await casting.ok(fuzz, `/v1/credentials/${revoked.id}`, undefined, 'DELETE')
  const person = await casting.people(fuzz, shop, courier, TO_THE_DOOR)
  // Some to suspend, to revoke and to end, so that not all of it hits those who call.
  for (const active of [true, true, false]) {
    const spare = await casting.party(fuzz, 'merchant', active)
    for (const label of ['a', 'b', 'c'])
      await casting.ok(fuzz, `/v1/parties/${spare.id}/credentials`, { label })
    await casting.incident(fuzz, spare)
    await casting.canaries(fuzz, spare)
  }
  const rivalPerson = await casting.people(fuzz, rivalShop, rivalCourier, [])
  const otherPerson = await casting.people(other, otherShop, otherCourier, TO_THE_DOOR)
  await casting.retiredKeys(tenantOf(fuzz), shop)
  await casting.retiredKeys(tenantOf(other), otherShop)
  await integrateLogs(harness.vault)
  const credentials = {
    platform: [fuzz],
    otherPlatform: [other],
    shop: [shop.credential],
    rivalShop: [rivalShop.credential],
    otherShop: [otherShop.credential],
    courier: [courier.credential],
    rivalCourier: [rivalCourier.credential],
    person,
    rivalPerson,
    otherPerson,
    revoked: [revoked.secret as string],
    gibberish: ['gibberish'],
  }
  return { credentials, ids: casting.ids() }
}
