import type { Answer, Client } from './client.ts'
import { memberAt, wordOf } from './client.ts'

export const OPERATOR = 'emp-17'
export const DEVICE = 'hh-0042'

/** A courier's handheld reads a waybill and asks what this leg of the journey calls for. */
export async function scan(
  courier: Client,
  waybill: string,
  { purpose = 'delivery', idempotencyKey }: { purpose?: string; idempotencyKey?: string } = {},
): Promise<Answer> {
  const operator = { id: OPERATOR, device: DEVICE }
  const items = [{ key: 'parcel', waybill }]
  return courier.post('/v1/reveal', { purpose, operator, items }, idempotencyKey)
}

export type FieldName = 'name' | 'phone' | 'address'

/** The one item of an answer: what it was allowed to see of a field, and the value. */
export function viewOf(answer: Answer, field: FieldName): string {
  return String(answer.at('items', 0, 'fields', field, 'view'))
}

export function valueOf(answer: Answer, field: FieldName): unknown {
  return answer.at('items', 0, 'fields', field, 'value')
}

/** `denied` and why; or the item's status alone. */
export function verdictOf(answer: Answer): unknown[] {
  return [answer.status, answer.at('items', 0, 'status'), answer.at('items', 0, 'code')]
}

export function denied(code: string): unknown[] {
  return [200, 'denied', code]
}

/** An address as one line, its parts from large to small. */
export function addressLine(value: unknown): string {
  const parts = ['province', 'city', 'district', 'town', 'line1', 'line2', 'postcode']
  return parts
    .map((part) => wordOf(memberAt(value, part)))
    .filter(Boolean)
    .join(' ')
}

/** `name masked, phone full`. */
export function spellViews(views: unknown): string {
  if (typeof views !== 'object' || views === null) return ''
  const inOrder = ['name', 'phone', 'email', 'address'].filter((field) => field in views)
  return inOrder.map((field) => `${field} ${wordOf(memberAt(views, field))}`).join(', ')
}
