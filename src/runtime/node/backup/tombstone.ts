import { parseId, parsePartyId, parseTenantId } from '../../../core/id.ts'
import type {
  CredentialId,
  EventId,
  GrantId,
  PartyId,
  SessionId,
  SubjectId,
  TenantId,
} from '../../../core/id.ts'
import { parseRfc3339, toRfc3339 } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import { KEY_KINDS } from '../../../vault/keys/tenant-key.ts'
import type { KeyKind } from '../../../vault/keys/tenant-key.ts'
import type { AuditEvent, EventType } from '../../../vault/audit/event.ts'
import type { PartyStatus } from '../../../vault/principals/principal.ts'

/** What ended for good, as its event says: what a restored backup must not bring back. */
export type Tombstone = { tenant: TenantId; event: EventId; at: Instant } & Ended

export type Ended =
  | { type: 'subject.erased'; subject: SubjectId }
  | { type: 'grant.revoked'; grant: GrantId }
  | { type: 'credential.revoked'; credential: CredentialId }
  | { type: 'session.ended'; session: SessionId }
  | { type: 'party.status_changed'; party: PartyId; status: PartyStatus }
  /** Of a person at one party; with null at all of them. */
  | { type: 'tokens.retired'; subject: SubjectId; party: PartyId | null }
  | { type: 'key.destroyed'; kind: KeyKind; version: number }

export const TOMBSTONE_TYPES: readonly EventType[] = [
  'subject.erased',
  'grant.revoked',
  'credential.revoked',
  'session.ended',
  'party.status_changed',
  'tokens.retired',
  'key.destroyed',
] satisfies Ended['type'][]

/** As much of an event, fresh or read back from its leaf, as it takes. */
export type Said = Pick<AuditEvent, 'id' | 'at' | 'type'> & {
  subject?: string | null | undefined
  grant?: string | undefined
  concerns?: string | undefined
  session?: string | undefined
  party?: string | undefined
  code?: string | undefined
  counts?: Readonly<Record<string, unknown>> | undefined
}

const STATUSES: readonly PartyStatus[] = ['pending', 'active', 'suspended', 'terminated']

/** @returns undefined for an event that ends nothing. */
export function tombstoneOf(tenant: TenantId, said: Said): Tombstone | undefined {
  const ended = endedBy(said)
  return ended && { tenant, event: said.id, at: said.at, ...ended }
}

function endedBy({ type, ...said }: Said): Ended | undefined {
  switch (type) {
    case 'subject.erased': {
      const subject = parseId('sub', said.subject ?? '')
      return subject && { type, subject }
    }
    case 'grant.revoked': {
      const grant = parseId('grt', said.grant ?? '')
      return grant && { type, grant }
    }
    case 'credential.revoked': {
      const credential = parseId('key', said.concerns ?? '')
      return credential && { type, credential }
    }
    case 'session.ended': {
      const session = parseId('ses', said.session ?? '')
      return session && { type, session }
    }
    case 'party.status_changed': {
      const party = parsePartyId(said.party ?? '')
      const status = STATUSES.find((one) => one === said.code)
      return party && status && { type, party, status }
    }
    case 'tokens.retired': {
      const subject = parseId('sub', said.subject ?? '')
      if (said.party === undefined) return subject && { type, subject, party: null }
      const party = parsePartyId(said.party)
      return subject && party && { type, subject, party }
    }
    case 'key.destroyed': {
      // A root key lies beside the data: a backup does not bring it back.
      const kind = KEY_KINDS.find((one) => one === said.code)
      const version = said.counts?.['version']
      return kind && typeof version === 'number' ? { type, kind, version } : undefined
    }
    default:
      return undefined
  }
}

/** The members of a line of the file of tombstones (docs/backup.md). */
export type TombstoneJson = Readonly<Record<string, unknown>>

export function toJson({ at, ...tombstone }: Tombstone): TombstoneJson {
  return { ...tombstone, at: toRfc3339(at) }
}

/** @returns undefined for a line that says something else. */
export function fromJson(json: TombstoneJson): Tombstone | undefined {
  const text = (name: string) => (typeof json[name] === 'string' ? json[name] : undefined)
  const tenant = parseTenantId(text('tenant') ?? '')
  const id = parseId('evt', text('event') ?? '')
  const at = parseRfc3339(text('at') ?? '')
  const type = TOMBSTONE_TYPES.find((one) => one === json['type'])
  if (!tenant || !id || at === undefined || !type) return undefined
  return tombstoneOf(tenant, {
    id,
    at,
    type,
    subject: text('subject'),
    grant: text('grant'),
    concerns: text('credential'),
    session: text('session'),
    party: text('party'),
    code: text('status') ?? text('kind'),
    counts: { version: json['version'] },
  })
}
