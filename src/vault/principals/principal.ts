import type { CredentialId, PartyId, SessionId, SubjectId, TenantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { RetentionSetting } from '../retention/policy.ts'
import type { Mark } from '../store.ts'

export type Tenant = { id: TenantId; createdAt: Instant; settings: TenantSettings }

/** What a tenant may set for itself; an absent value means the product's default. */
export type TenantSettings = {
  /** Reveals a day for each party, in place of the default that follows its parcels. */
  quotaPerDay?: number
  /** How long what is kept, where it is not the default; one entry a kind. */
  retention?: readonly RetentionSetting[]
}

export type PartyKind = 'merchant' | 'courier'
export type PartyStatus = 'pending' | 'active' | 'suspended' | 'terminated'

export type Party = {
  id: PartyId
  kind: PartyKind
  name: string
  registrationNumber: string | null
  /** Sealed under the tenant's note key: a contact is often one person. */
  contact: Uint8Array | null
  status: PartyStatus
  version: number
  createdAt: Instant
}

/** `party` is null for the platform's own credentials. The secret itself is nowhere; its hash stays in the store. */
export type Credential = {
  id: CredentialId
  party: PartyId | null
  label: string
  createdAt: Instant
  revokedAt: Instant | null
}

/** Somebody whose credential or session was found live in this very request, and when, in the store's own time. */
type Found = { tenant: TenantId; foundAt?: Mark | undefined }
export type PlatformCaller = Found & { kind: 'platform'; credential: CredentialId }
export type PartyCaller = Found & { kind: 'party'; credential: CredentialId; party: Party }
export type PersonCaller = Found & { kind: 'person'; subject: SubjectId; session: SessionId }
export type Caller = PlatformCaller | PartyCaller | PersonCaller

const STATUS_MOVES: Record<PartyStatus, readonly PartyStatus[]> = {
  pending: ['active', 'terminated'],
  active: ['suspended', 'terminated'],
  suspended: ['active', 'terminated'],
  terminated: [],
}

export function mayMove(from: PartyStatus, to: PartyStatus): boolean {
  return STATUS_MOVES[from].includes(to)
}
