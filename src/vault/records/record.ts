import type { PartyId, SubjectId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { FieldName } from '../fields/registry.ts'

/** Whose name space an `external_ref` belongs to: a shop's own, or the platform's. */
export type Owner = PartyId | 'platform'

export type SubjectState = 'active' | 'restricted' | 'erased'

/** A person as one owner knows them. An erased one stays as an empty row, so that its id is never used again. */
export type Subject = {
  id: SubjectId
  owner: Owner
  /** The owner's own name for the person, keyed (`keyedRef`): only to find the person by it again. */
  externalRef: string | null
  locale: string | null
  jurisdiction: string | null
  state: SubjectState
  version: number
  createdAt: Instant
  updatedAt: Instant
  erasedAt: Instant | null
}

/** The person's data key, wrapped by version `tenantKeyVersion` of the tenant's wrapping key. Constant length. */
export type WrappedDataKey = { keyId: string; tenantKeyVersion: number; wrapped: Uint8Array }

/** The current value of one field. `version` rises with each change and is bound into the envelope. */
export type SealedField = { field: FieldName; version: number; envelope: Uint8Array }

export type Person = { subject: Subject; dataKey: WrappedDataKey | null; fields: readonly SealedField[] }

/** As much of a person as it takes to decide on an access and to open the fields. */
export type Recipient = Omit<Person, 'subject'> & {
  subject: Pick<Subject, 'id' | 'locale' | 'state' | 'version'>
}
