import { expect, test } from 'vitest'
import { STAGES, mayMoveOn } from '../../src/vault/shipments/shipment.ts'

/** Rows: from; what may follow. */
const ALLOWED = {
  created: ['picked_up', 'returned', 'cancelled'],
  picked_up: ['in_transit', 'at_station', 'out_for_delivery', 'delivered', 'returned', 'cancelled'],
  in_transit: ['at_station', 'out_for_delivery', 'delivered', 'returned', 'cancelled'],
  at_station: ['out_for_delivery', 'delivered', 'returned', 'cancelled'],
  out_for_delivery: ['delivered', 'returned', 'cancelled'],
  delivered: ['returned', 'cancelled', 'closed'],
  returned: [],
  cancelled: [],
  closed: [],
} as const

test('a parcel goes forward, may leave its journey at any point, and never goes back or skips the pick-up', () => {
  const found = Object.fromEntries(STAGES.map((from) => [from, STAGES.filter((to) => mayMoveOn(from, to))]))
  expect(found).toEqual(ALLOWED)
})
