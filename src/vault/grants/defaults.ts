import type { CourierId, GrantId, MerchantId, ShipmentId, SubjectId } from '../../core/id.ts'
import type { Purpose } from '../../core/purpose.ts'
import { DAY_MS, after } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { FIELDS, FIELD_NAMES } from '../fields/registry.ts'
import type { FieldName } from '../fields/registry.ts'
import type { FieldViews, Grant } from './grant.ts'

/** The most that a purpose is ever answered with: which fields it needs at all (docs/purposes.md). */
export const PURPOSE_FIELDS: Readonly<Record<Purpose, readonly FieldName[]>> = {
  delivery: ['name', 'phone', 'address'],
  return_pickup: ['name', 'phone', 'address'],
  order: ['name', 'phone', 'email', 'address'],
  after_sale: ['name', 'phone'],
  customer_service: ['name', 'phone', 'email'],
  address_change: ['name', 'address'],
  legal: ['name', 'phone', 'email', 'address'],
}

/** A standing `order` permission serves the everyday purposes of the shop's own orders. */
const ORDER_PURPOSES: readonly Purpose[] = ['order', 'after_sale', 'customer_service', 'address_change']

export function covers(granted: Purpose, asked: Purpose): boolean {
  return granted === asked || (granted === 'order' && ORDER_PURPOSES.includes(asked))
}

const MASKED: FieldViews = Object.fromEntries(FIELD_NAMES.map((field) => [field, FIELDS[field].maskedView]))

/** The ceiling of a courier's delivery grant; the stage of the journey narrows it (shipments/stage-views.ts). */
const DELIVERY: FieldViews = { name: 'surname', phone: 'full', address: 'full' }

/** A parcel that is on its way longer than this needs a new permission. */
const DELIVERY_GRANT_LIVES_MS = 60 * DAY_MS

/** What a shop may see of a person whose tokens it holds: masked values, until somebody ends it. */
export function standingGrant(id: GrantId, subject: SubjectId, party: MerchantId, now: Instant): Grant {
  return {
    id,
    subject,
    party,
    purpose: 'order',
    fields: MASKED,
    basis: 'contract',
    origin: 'tokenize',
    shipment: null,
    from: now,
    until: null,
    usesMax: null,
    uses: 0,
    paidAt: null,
    revokedAt: null,
    version: 1,
    createdAt: now,
  }
}

/** What a courier may see of one parcel's recipient. */
export function deliveryGrant(
  id: GrantId,
  parcel: { subject: SubjectId; courier: CourierId; shipment: ShipmentId },
  now: Instant,
): Grant {
  const { subject, courier: party, shipment } = parcel
  const until = after(now, DELIVERY_GRANT_LIVES_MS)
  return {
    id,
    subject,
    party,
    purpose: 'delivery',
    fields: DELIVERY,
    basis: 'contract',
    origin: 'shipment',
    shipment,
    from: now,
    until,
    usesMax: null,
    uses: 0,
    paidAt: null,
    revokedAt: null,
    version: 1,
    createdAt: now,
  }
}
