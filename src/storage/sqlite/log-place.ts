/**
 * Where an event lies: one integer of tenant and index, so that a tenant's log is one stretch of one tree and an entry is
 * found by its number alone. 2^36 entries for each of 2^17 tenants stay below what a JavaScript number holds exactly.
 */
const ENTRIES = 2 ** 36

/** @param index from 0; 2^36 at most, for the end of a stretch. */
export function placeOf(tenant: number, index: number): number {
  return tenant * ENTRIES + index
}

export function indexOf(place: number): number {
  return place % ENTRIES
}

export function tenantOf(place: number): number {
  return Math.floor(place / ENTRIES)
}
