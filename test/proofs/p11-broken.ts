import { parseTenantId } from '../../src/core/id.ts'
import type { TenantId } from '../../src/core/id.ts'
import type { StoredEvent } from '../../src/vault/audit/event.ts'
import type { Shipment } from '../../src/vault/shipments/shipment.ts'
import type { Parcel, VaultStore } from '../../src/vault/store.ts'
import type { Caller } from './p11-callers.ts'

/** Stores that lie to the rules: what the matrix has to notice. */

type Read = (tenant: TenantId, ...rest: unknown[]) => Promise<unknown>

const IGNORING_TENANT: readonly (keyof VaultStore)[] = [
  'findParty',
  'findCredential',
  'findSession',
  'findPerson',
  'findShipment',
  'findTokens',
  'findGrant',
  'findEvent',
  'listGrantsOf',
]

/** A missing `where tenant = …`: each look-up goes on to the other tenants. */
export function ignoringTenant(store: VaultStore, tenants: readonly string[]): VaultStore {
  const ids = tenants.map((name) => parseTenantId(name)!)
  const broken = IGNORING_TENANT.map((name) => {
    const read = store[name] as unknown as Read
    const search: Read = async (tenant, ...rest) => {
      for (const id of [tenant, ...ids]) {
        const found = await read(id, ...rest)
        if (found !== undefined && !(Array.isArray(found) && found.length === 0)) return found
      }
      return read(tenant, ...rest)
    }
    return [name, search]
  })
  return { ...store, ...(Object.fromEntries(broken) as Partial<VaultStore>) }
}

/** A rule that does not compare owners: whatever is found is the caller's own. */
export function ignoringOwner(store: VaultStore, caller: () => Caller): VaultStore {
  const mine = <S extends Parcel['shipment']>(shipment: S): S => {
    const { kind, party } = caller()
    if (kind === 'merchant') return { ...shipment, merchant: party as Shipment['merchant'] }
    return kind === 'courier' ? { ...shipment, courier: party as Shipment['courier'] } : shipment
  }
  return {
    ...store,
    async findShipment(tenant, id) {
      const found = await store.findShipment(tenant, id)
      return found && mine(found)
    },
    async findParcels(tenant, waybills) {
      return (await store.findParcels(tenant, waybills)).map((parcel) => ({
        ...parcel,
        shipment: mine(parcel.shipment),
      }))
    },
    async findTokensWithPersons(tenant, tokens) {
      const rows = await store.findTokensWithPersons(tenant, tokens)
      const party = caller().party as `mer_${string}` | undefined
      return rows.map((row) => ({ ...row, token: { ...row.token, party: party ?? row.token.party } }))
    },
    async findGrant(tenant, id) {
      const found = await store.findGrant(tenant, id)
      const subject = caller().subject as `sub_${string}` | undefined
      return found && { ...found, subject: subject ?? found.subject }
    },
    async findEvent(tenant, id) {
      const found = await store.findEvent(tenant, id)
      return found && ofParty(found, caller().party)
    },
    async listEvents(tenant, filter, page) {
      const { party, ...others } = filter
      return store.listEvents(tenant, party === undefined ? filter : others, page)
    },
  }
}

function ofParty(event: StoredEvent, party: string | undefined): StoredEvent {
  if (party === undefined) return event
  const text = Buffer.from(event.bytes)
    .toString()
    .replace(/"party":"[^"]*"/, `"party":"${party}"`)
  return { ...event, bytes: new Uint8Array(Buffer.from(text)) }
}
