import type { FieldName } from '../vault/fields/registry.ts'

/** A field's number is part of stored rows: a new field takes the next, none is ever used again. */
const FIELD_NUMBERS: Record<FieldName, number> = { name: 0, phone: 1, email: 2, address: 3 }
const FIELD_NAMES = new Map(
  Object.entries(FIELD_NUMBERS).map(([name, number]) => [number, name as FieldName]),
)

export function fieldNumber(name: FieldName): number {
  return FIELD_NUMBERS[name]
}

/** @throws TypeError on a number that no field has. */
export function fieldOfNumber(stored: number): FieldName {
  const name = FIELD_NAMES.get(stored)
  if (name === undefined) throw new TypeError(`no field has the number ${stored}`)
  return name
}

/** How many fields a person may have at most: the distance between two persons' slots. */
export const SLOTS_EACH = 16

/** Where a field lies: a person's fields are neighbours, and the key is one small integer. */
export function slotOf(person: number, name: FieldName): number {
  return person * SLOTS_EACH + FIELD_NUMBERS[name]
}

/** The first and the last slot that can belong to a person. */
export function slotsOf(person: number): { first: number; last: number } {
  return { first: person * SLOTS_EACH, last: person * SLOTS_EACH + SLOTS_EACH - 1 }
}
