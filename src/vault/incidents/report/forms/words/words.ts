import type { FieldName } from '../../../../fields/registry.ts'
import type { View } from '../../../../fields/field-type.ts'
import type { ContainmentAction, IncidentKind, Severity } from '../../../incident.ts'
import type { NoticeAudience } from '../../../notices/templates/items.ts'

/** Labels of what the vault knows by itself: `label: value` reads the same in any language. */
export const FORM_TERMS = [
  'severity',
  'happened',
  'aware',
  'persons',
  'disclosures',
  'unknown',
  'inCopy',
  'opens',
  'parties',
  'credentials',
  'operators',
  'devices',
  'grants',
  'tokens',
  'levels',
  'begun',
  'running',
  'sent',
  'delivered',
  'queued',
  'bounced',
  'failed',
] as const
export type FormTerm = (typeof FORM_TERMS)[number]

export type FormWords = {
  terms: Readonly<Record<FormTerm, string>>
  kinds: Readonly<Record<IncidentKind, string>>
  severities: Readonly<Record<Severity, string>>
  actions: Readonly<Record<ContainmentAction, string>>
  fields: Readonly<Record<FieldName, string>>
  views: Readonly<Record<View, string>>
  audiences: Readonly<Record<NoticeAudience, string>>
  /** Between a label and its value, and between things of a list. */
  colon: string
  comma: string
  /** What stands where something is missing. */
  open: string
}
