import { after } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { FieldViews } from '../grants/grant.ts'
import { DELIVERED_GRACE_MS, isOver } from './shipment.ts'
import type { Shipment, Stage } from './shipment.ts'

const NOTHING: FieldViews = { name: 'none', phone: 'none', address: 'none' }

/** How much each leg of the journey calls for: enough to move the parcel on, and no more. */
const STAGE_VIEWS: Readonly<Record<Stage, FieldViews>> = {
  created: { name: 'masked', phone: 'none', address: 'city' },
  picked_up: { name: 'masked', phone: 'none', address: 'city' },
  in_transit: { name: 'masked', phone: 'none', address: 'district' },
  at_station: { name: 'masked', phone: 'masked', address: 'street' },
  // The phone is `relay` where the tenant has relay numbers set up.
  out_for_delivery: { name: 'surname', phone: 'full', address: 'full' },
  delivered: { name: 'masked', phone: 'masked', address: 'street' },
  returned: NOTHING,
  cancelled: NOTHING,
  closed: NOTHING,
}

/** What the parcel's present stage allows its courier to see, or undefined once the journey is over. */
export function viewsAt(shipment: Pick<Shipment, 'stage' | 'stageAt'>, now: Instant): FieldViews | undefined {
  if (isOver(shipment.stage)) return undefined
  if (shipment.stage === 'delivered' && after(shipment.stageAt, DELIVERED_GRACE_MS) <= now) return undefined
  return STAGE_VIEWS[shipment.stage]
}
