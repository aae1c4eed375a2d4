import type {
  CourierId,
  GrantId,
  MerchantId,
  OrderId,
  ShipmentId,
  SubjectId,
  Token,
  Waybill,
} from '../../core/id.ts'
import { HOUR_MS } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'

export const STAGES = [
  'created',
  'picked_up',
  'in_transit',
  'at_station',
  'out_for_delivery',
  'delivered',
  'returned',
  'cancelled',
  'closed',
] as const
export type Stage = (typeof STAGES)[number]

export type RecipientTokens = { name: Token; phone: Token; address: Token }

export type Shipment = {
  id: ShipmentId
  merchant: MerchantId
  courier: CourierId
  order: OrderId
  waybill: Waybill
  subject: SubjectId
  grant: GrantId
  recipient: RecipientTokens
  /** When the first of the recipient's tokens runs out; null if none does. */
  tokensExpireAt: Instant | null
  /** When they were retired, by whoever ended what the shop may know: a parcel's tokens go together. */
  tokensRetiredAt: Instant | null
  stage: Stage
  stageAt: Instant
  version: number
  createdAt: Instant
}

export type StageEntry = { stage: Stage; at: Instant }

/** The journey in order; `picked_up` cannot be skipped, the legs between it and the door can. */
const JOURNEY: readonly Stage[] = [
  'created',
  'picked_up',
  'in_transit',
  'at_station',
  'out_for_delivery',
  'delivered',
]

const OVER: readonly Stage[] = ['returned', 'cancelled', 'closed']

export function isOver(stage: Stage): boolean {
  return OVER.includes(stage)
}

/** A parcel may go forward along its journey, leave it at any point, and be closed once delivered. Never backwards. */
export function mayMoveOn(from: Stage, to: Stage): boolean {
  if (isOver(from)) return false
  if (to === 'returned' || to === 'cancelled') return true
  if (to === 'closed') return from === 'delivered'
  if (from === 'created') return to === 'picked_up'
  return JOURNEY.indexOf(to) > JOURNEY.indexOf(from)
}

/** How long after the hand-over the courier may still look a parcel up, masked: for a mistake found the same day. */
export const DELIVERED_GRACE_MS = 48 * HOUR_MS
