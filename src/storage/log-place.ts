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

/** 2^28 tiles of each level are as many entries; 2^3 levels are more than they need. */
const TILES = 2 ** 28
const LEVELS = 2 ** 3

/** Where a tile lies, likewise: a level's tiles side by side, in order. */
export function tilePlaceOf(tenant: number, { level, index }: { level: number; index: number }): number {
  return (tenant * LEVELS + level) * TILES + index
}

export function tenantOf(place: number): number {
  return Math.floor(place / ENTRIES)
}
