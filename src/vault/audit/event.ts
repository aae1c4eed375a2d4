import { concat, fromUtf8, utf8 } from '../../core/bytes.ts'
import type { Bytes } from '../../core/bytes.ts'
import type {
  CredentialId,
  DeviceId,
  EventId,
  GrantId,
  HoldId,
  IncidentId,
  NoticeId,
  OperatorId,
  OrderId,
  PartyId,
  Random,
  SessionId,
  ShipmentId,
  SignalId,
  SubjectId,
  TenantId,
} from '../../core/id.ts'
import type { Purpose } from '../../core/purpose.ts'
import { HOUR_MS, toRfc3339 } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { leafHash } from '../../tlog/merkle.ts'
import { sha256Hex } from '../../core/sha256.ts'
import type { FieldName } from '../fields/registry.ts'
import type { FieldViews } from '../grants/grant.ts'

/** Everything that is ever written down. Adding one is safe; renaming one changes what old logs mean. */
export const EVENT_TYPES = [
  'tenant.created',
  'tenant.settings_changed',
  'key.created',
  'key.rotation_started',
  'key.rotated',
  'key.retired',
  'key.destruction_asked',
  'key.destroyed',
  'party.created',
  'party.status_changed',
  'credential.issued',
  'credential.revoked',
  'credential.refused',
  'call.refused',
  'subject.stored',
  'subject.updated',
  'subject.erased',
  'tokens.issued',
  'tokens.validated',
  'tokens.compared',
  'tokens.searched',
  'search.matched',
  'shipment.created',
  'shipment.moved',
  'grant.given',
  'grant.revoked',
  'reveal.allowed',
  'reveal.denied',
  'reveal.replayed',
  'mask.shown',
  'mask.denied',
  'session.opened',
  'session.ended',
  'person.viewed',
  'person.exported',
  'evidence.given',
  'retention.cleaned',
  'tokens.retired',
  'incident.opened',
  'incident.assessed',
  'incident.containing',
  'incident.contained',
  'incident.released',
  'incident.clock_late',
  'incident.clock_met',
  'incident.clock_waived',
  'incident.clock_reopened',
  'incident.closed',
  'incident.reopened',
  'incident.notifying',
  'notice.drafted',
  'notice.edited',
  'notice.omitted',
  'notice.approved',
  'notice.cancelled',
  'notice.finished',
  'notice.contact_opened',
  'notice.sent',
  'notice.delivered',
  'notice.bounced',
  'notice.failed',
  'notice.skipped',
  'signal.raised',
  'signal.confirmed',
  'signal.dismissed',
  'hold.placed',
  'hold.cleared',
  'canary.planted',
  'canary.shipped',
  'canary.retired',
  'canary.mailed',
  'canary.mail_read',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

export type Actor = 'platform' | 'party' | 'person' | 'system'

/**
 * One thing that happened, in ids of the vault's own making: nothing in it is a person's, and nothing in it can be
 * guessed by somebody who knows the person.
 */
export type AuditEvent = {
  id: EventId
  at: Instant
  type: EventType
  actor: Actor
  decision?: 'allowed' | 'denied'
  /** Why it was denied, or what exactly happened: a word of a closed list, never free text. */
  code?: string
  party?: PartyId
  credential?: CredentialId
  session?: SessionId
  operator?: OperatorId
  device?: DeviceId
  subject?: SubjectId
  grant?: GrantId
  shipment?: ShipmentId
  order?: OrderId
  purpose?: Purpose | 'breach_notice'
  fields?: FieldViews
  /** The credential that was issued or revoked; `credential` is the one that did it. */
  concerns?: CredentialId
  /** The event that this one repeats. */
  replays?: EventId
  /** The incident in whose course this was done. */
  incident?: IncidentId
  /** The notice that was drafted, approved, sent. */
  notice?: NoticeId
  /** The signal that was raised, confirmed, dismissed, or that placed the hold. */
  signal?: SignalId
  /** The hold that was placed or cleared. */
  hold?: HoldId
  /** Versions of the fields that were stored. */
  versions?: Partial<Record<FieldName, number>>
  counts?: Record<string, number>
}

/**
 * An event ready to be stored: its canonical bytes are what the log's tree hashes. The person stands in them only as a
 * commitment, SHA-256(salt ‖ id) with a fresh 128-bit salt: a party may hold the bytes of its own events without being able
 * to link one person over two shops, and whoever is given the salt (the person, the platform, an auditor) can check it.
 */
export type SealedEvent = {
  event: AuditEvent
  bytes: Bytes
  leafHash: Bytes
  /** 16 bytes; null where the event concerns no person. */
  subjectSalt: Uint8Array | null
}

/** The version of the leaf's format: the first thing in it, so that old leaves stay readable. */
const LEAF_VERSION = 'cloakroom-event/1'
const SALT_BYTES = 16

type Leaf = Omit<AuditEvent, 'at' | 'subject'> & { at: string; subject: string | undefined; tenant: TenantId }

/** Every member that a leaf can have, in the order in which it stands there. */
const LEAF_MEMBERS = Object.keys({
  actor: true,
  at: true,
  code: true,
  concerns: true,
  counts: true,
  credential: true,
  decision: true,
  device: true,
  fields: true,
  grant: true,
  hold: true,
  id: true,
  incident: true,
  notice: true,
  operator: true,
  order: true,
  party: true,
  purpose: true,
  replays: true,
  session: true,
  shipment: true,
  signal: true,
  subject: true,
  tenant: true,
  type: true,
  versions: true,
} satisfies Record<keyof Leaf, true>).sort() as (keyof Leaf)[]

/** What ids, words and times are made of: JSON takes them as they are. */
const PLAIN = /^[\w.:-]*$/

/** RFC 8785 for what a member holds. Keys are words of ours, `a-z` and `_`: no escapes, and code units sort as code points. */
function canonicalJson(value: string | Readonly<Record<string, string | number>>): string {
  if (typeof value === 'string') return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value)
  const members = Object.keys(value).sort()
  return `{${members.map((key) => `"${key}":${JSON.stringify(value[key])}`).join()}}`
}

/** @returns lower-case hex of SHA-256(salt ‖ id). */
export function commitToSubject(salt: Uint8Array, subject: SubjectId): string {
  return sha256Hex(concat(salt, utf8(subject)))
}

/** The bytes that are hashed: a version line, then canonical JSON. The index is not among them: it is the leaf's place. */
export function sealEvent(tenant: TenantId, event: AuditEvent, random: Random): SealedEvent {
  const subjectSalt = event.subject ? random(SALT_BYTES) : null
  const subject = event.subject && subjectSalt ? commitToSubject(subjectSalt, event.subject) : undefined
  const leaf: Leaf = { ...event, tenant, subject, at: toRfc3339(event.at) }
  let text = ''
  for (const name of LEAF_MEMBERS) {
    const value = leaf[name]
    if (value !== undefined) text += `${text && ','}"${name}":${canonicalJson(value)}`
  }
  const bytes = utf8(`${LEAF_VERSION}\n{${text}}`)
  return { event, bytes, leafHash: leafHash(bytes), subjectSalt }
}

/** What a leaf says, read back. @throws SyntaxError if the bytes are no leaf of this version. */
export function readLeaf(bytes: Uint8Array): Record<string, unknown> {
  return readLeafText(fromUtf8(bytes))
}

/** As `readLeaf`, of a leaf that was read as text. */
export function readLeafText(text: string): Record<string, unknown> {
  if (!text.startsWith(`${LEAF_VERSION}\n`)) throw new SyntaxError('not a leaf of a known version')
  return JSON.parse(text.slice(LEAF_VERSION.length + 1)) as Record<string, unknown>
}

/** An event is committed within seconds of its `at`, so a log's times are in order but for that much, and to spare. */
export const DISORDER_MS = HOUR_MS

/** An event as the store holds it. `index` is its place in the tenant's log, from 0, without a gap. */
export type StoredEvent = {
  index: number
  id: EventId
  at: Instant
  bytes: Uint8Array
  leafHash: Uint8Array
  subject: SubjectId | null
  subjectSalt: Uint8Array | null
}
