import { parseTenantId } from '../../src/core/id.ts'
import type { IdPrefix, TenantId } from '../../src/core/id.ts'
import { readLeaf } from '../../src/vault/audit/event.ts'
import type { VaultStore } from '../../src/vault/store.ts'
import type { Caller } from './p11-callers.ts'

/** Whose a thing is, read from the store itself. Unset means that it has no such owner. */
type Owner = { tenant: string; parties?: readonly string[]; anyParty?: true; subject?: string }

const ID = /\b(mer|cou|sub|key|tok|shp|wb|grt|evt|ses|ord|opr|dev)_[0-9a-hjkmnp-tv-z]{26}\b/g
/** The document's example is nobody's. */
const EXAMPLE = '0123456789abcdefghjkmnpqrs'

type Lookup = (store: VaultStore, tenant: TenantId, id: string) => Promise<Omit<Owner, 'tenant'> | undefined>

/** How the store finds an id of each kind. The casts are the whole point: any text of the right prefix is looked up. */
const LOOKUPS: Readonly<Record<string, Lookup>> = {
  mer: findParty,
  cou: findParty,
  async sub(store, tenant, id) {
    return (await store.findPerson(tenant, id as `sub_${string}`)) && { subject: id }
  },
  async key(store, tenant, id) {
    const found = await store.findCredential(tenant, id as `key_${string}`)
    // Where the platform acted on a party, the party's own log says with which of its credentials: a name, not a key.
    return found && (found.party ? { parties: [found.party] } : { anyParty: true })
  },
  async tok(store, tenant, id) {
    const [found] = await store.findTokens(tenant, [id as `tok_${string}`])
    return found && { parties: [found.party] }
  },
  async shp(store, tenant, id) {
    const found = await store.findShipment(tenant, id as `shp_${string}`)
    return found && { parties: [found.merchant, found.courier], subject: found.subject }
  },
  async wb(store, tenant, id) {
    const [found] = await store.findParcels(tenant, [id as `wb_${string}`])
    if (!found) return undefined
    const { merchant, courier, subject } = found.shipment
    return { parties: [merchant, courier], subject }
  },
  async grt(store, tenant, id) {
    const found = await store.findGrant(tenant, id as `grt_${string}`)
    if (!found) return undefined
    const parcel = found.shipment && (await store.findShipment(tenant, found.shipment))
    return { parties: [found.party, ...(parcel ? [parcel.merchant] : [])], subject: found.subject }
  },
  async ses(store, tenant, id) {
    const found = await store.findSession(tenant, id as `ses_${string}`)
    return found && { subject: found.subject }
  },
  async evt(store, tenant, id) {
    const found = await store.findEvent(tenant, id as `evt_${string}`)
    if (!found) return undefined
    const { party } = readLeaf(found.bytes)
    return {
      parties: typeof party === 'string' ? [party] : [],
      ...(found.subject && { subject: found.subject }),
    }
  },
}

/** A party's own id is its own; people learn of the parties that hold a permission on them. */
async function findParty(store: VaultStore, tenant: TenantId, id: string): ReturnType<Lookup> {
  const found = await store.findParty(tenant, id as `mer_${string}`)
  return found && { parties: [id] }
}

export class Knowledge {
  readonly #store: VaultStore
  readonly #tenants: readonly string[]
  readonly #owners = new Map<string, Owner>()

  constructor(store: VaultStore, tenants: readonly string[]) {
    this.#store = store
    this.#tenants = tenants
  }

  /** Ids in a text that this caller may not know. `asked` is what the caller sent: an id in it may come back. */
  async leaks(text: string, caller: Caller, asked: string): Promise<string[]> {
    const found: string[] = []
    for (const id of new Set(text.match(ID))) {
      if (id.endsWith(EXAMPLE) || asked.includes(id)) continue
      const owners = await this.#ownersOf(id)
      if (owners.length !== 1) found.push(`an id of ${owners.length} tenants, ${prefixOf(id)}`)
      else if (!(await this.#mayKnow(caller, id, owners[0]!))) found.push(`another's id, ${prefixOf(id)}`)
    }
    return found
  }

  /** Everybody under whom the store finds it: one, unless the store mixes tenants up. */
  async #ownersOf(id: string): Promise<Owner[]> {
    const known = this.#owners.get(id)
    if (known) return [known]
    const owners: Owner[] = []
    for (const name of this.#tenants) {
      const owner = await this.#lookUp(parseTenantId(name)!, id)
      if (owner) owners.push({ ...owner, tenant: name })
    }
    if (owners.length === 1) this.#owners.set(id, owners[0]!)
    return owners
  }

  async #lookUp(tenant: TenantId, id: string): Promise<Omit<Owner, 'tenant'> | undefined> {
    const lookup = LOOKUPS[prefixOf(id)]
    if (lookup) return lookup(this.#store, tenant, id)
    // Names for the log: nobody's but the tenant's, and the log is read by event.
    const names = await this.#store.resolveRefs(tenant, [id as `ord_${string}`])
    return names.size > 0 ? { anyParty: true } : undefined
  }

  async #mayKnow(caller: Caller, id: string, owner: Owner): Promise<boolean> {
    if (caller.entry !== 'in' || caller.tenant !== owner.tenant) return false
    if (caller.kind === 'platform') return true
    if (caller.kind === 'person')
      return owner.subject === caller.subject || this.#hasToDoWith(caller, id, owner.tenant)
    return (
      owner.anyParty === true ||
      (caller.party !== undefined && owner.parties?.includes(caller.party) === true)
    )
  }

  /** People learn who holds permissions on them, and so those parties' ids. */
  async #hasToDoWith(caller: Caller, id: string, tenant: string): Promise<boolean> {
    const subject = caller.subject as `sub_${string}`
    const grants = await this.#store.listGrantsOf(parseTenantId(tenant)!, subject)
    return grants.some(({ party }) => party === id)
  }
}

function prefixOf(id: string): IdPrefix {
  return id.slice(0, id.indexOf('_')) as IdPrefix
}
