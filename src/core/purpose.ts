/** Why a party asks. The list is closed: a purpose that is not here cannot be asked for, granted or logged. */
export const PURPOSES = [
  'delivery',
  'return_pickup',
  'order',
  'after_sale',
  'customer_service',
  'address_change',
  'legal',
] as const

export type Purpose = (typeof PURPOSES)[number]
