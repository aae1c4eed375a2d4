import type { GrantId, PartyId, ShipmentId, SubjectId } from '../../core/id.ts'
import type { Purpose } from '../../core/purpose.ts'
import type { Instant } from '../../core/time.ts'
import type { View } from '../fields/field-type.ts'
import type { FieldName } from '../fields/registry.ts'

/** Why a party may see: the legal ground that the person's page shows. */
export const BASES = [
  'contract',
  'consent',
  'legal_obligation',
  'vital_interest',
  'legitimate_interest',
] as const
export type Basis = (typeof BASES)[number]

export type FieldViews = Partial<Record<FieldName, View>>

/** As much of a grant as it takes to decide on an access. */
export type GrantTerms = Omit<Grant, 'basis' | 'origin'>

/** One party's permission to see some fields of one person, so far, for one purpose, for a time. */
export type Grant = {
  id: GrantId
  subject: SubjectId
  party: PartyId
  purpose: Purpose
  fields: FieldViews
  basis: Basis
  /** `tokenize` for a shop's standing permission, `shipment` for a courier's, `platform` for one given by hand. */
  origin: 'tokenize' | 'shipment' | 'platform'
  shipment: ShipmentId | null
  from: Instant
  until: Instant | null
  usesMax: number | null
  uses: number
  /** When a look under it was last charged to the party's day: kept for a parcel's own grant, null for all others. */
  paidAt: Instant | null
  revokedAt: Instant | null
  version: number
  createdAt: Instant
}
