import { VaultError } from '../../core/errors.ts'
import type { CourierId, MerchantId, OrderId, SubjectId, Token } from '../../core/id.ts'
import { utcDay } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import type { FieldName } from '../fields/registry.ts'
import { deliveryGrant } from '../grants/defaults.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import { idsOfRefs } from '../refs.ts'
import { newShipment } from '../shipments/service.ts'
import { notFound, transact } from '../transact.ts'
import type { Call } from '../transact.ts'
import type { Vault } from '../vault.ts'
import type { Planted } from './plant.ts'

type Wanted = {
  merchant: MerchantId
  courier: CourierId
  subject: SubjectId
  tokens: Partial<Record<FieldName, Token>>
  tokensExpireAt: Instant | null
  orderRef: string
  /** Orders that this list of changes names already. */
  known: Map<string, OrderId>
}

/**
 * A parcel to a canary, as the shop's are, but made by the platform: the shop's own events do not have it, and a courier is told of the
 * shop's parcels by the shop. It counts for the courier's quota like any other, and not for the shop's, which keeps count itself.
 * @throws VaultError `not_found`, `state_conflict` for a courier that is not active, or a person without all three fields.
 */
export async function parcelFor(
  vault: Vault,
  caller: PlatformCaller,
  { merchant, courier: courierId, subject, tokens, tokensExpireAt, orderRef, known }: Wanted,
): Promise<{ changes: readonly Change[]; made: NonNullable<Planted['parcel']> }> {
  const { name, phone, address } = tokens
  if (!name || !phone || !address) {
    throw new VaultError('state_conflict', 'A parcel takes live tokens of name, phone and address.')
  }
  const courier = await vault.store.findParty(caller.tenant, courierId)
  if (courier?.kind !== 'courier') throw notFound('party')
  if (courier.status !== 'active')
    throw new VaultError('state_conflict', `This courier is ${courier.status}.`)
  const now = vault.clock.now()
  const { store, random } = vault
  const order = await idsOfRefs({ store, random, tenant: caller.tenant, party: merchant, now }, 'order', [
    orderRef,
  ])
  const fresh = order.ids.get(orderRef)
  if (!fresh) throw new Error('an order ref without an id')
  const orderId = known.get(orderRef) ?? fresh
  const changes = known.has(orderRef) ? [] : order.changes
  known.set(orderRef, orderId)
  const recipient = { name, phone, address }
  const shipment = newShipment(
    vault,
    {
      merchant,
      order: orderId,
      person: { subject: { id: subject } },
      tokensExpireAt,
      input: { courier: courierId, recipient, orderRef },
    },
    now,
  )
  const grant = deliveryGrant(shipment.grant, { subject, courier: courierId, shipment: shipment.id }, now)
  const details = { shipment: shipment.id, order: orderId, subject, grant: grant.id }
  return {
    changes: [
      { type: 'expect.party', id: courierId, version: courier.version },
      ...changes,
      { type: 'grant.insert', grant },
      { type: 'shipment.insert', shipment },
      { type: 'quota.parcel', party: courierId, day: utcDay(now) },
      record(vault, caller, now, { type: 'canary.shipped', ...details }).append,
    ],
    made: { id: shipment.id, waybill: shipment.waybill, grant: grant.id, orderRef },
  }
}

/** One more parcel to a canary: traffic, as others have it. @throws VaultError as `parcelFor`. */
export async function shipToCanary(
  vault: Vault,
  call: Call<PlatformCaller>,
  subject: SubjectId,
  { courier, orderRef }: { courier: CourierId; orderRef: string },
): Promise<NonNullable<Planted['parcel']>> {
  const { tenant } = call.caller
  return transact(vault, call, async () => {
    const canary = await vault.store.findCanary(tenant, subject)
    if (!canary || canary.retiredAt !== null) throw notFound('canary')
    const now = vault.clock.now()
    const all = await vault.store.listTokensOf(tenant, [subject], canary.party)
    const live = all.filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
    const ends = live.flatMap(({ expiresAt }) => expiresAt ?? [])
    const tokens = Object.fromEntries(live.map(({ field, token }) => [field, token]))
    const { changes, made } = await parcelFor(vault, call.caller, {
      merchant: canary.party,
      courier,
      subject,
      tokens,
      tokensExpireAt: ends.length > 0 ? (Math.min(...ends) as Instant) : null,
      orderRef,
      known: new Map(),
    })
    return { changes: [expectCaller(call.caller), ...changes], result: made }
  })
}
