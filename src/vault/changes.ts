import type {
  CredentialId,
  DeviceId,
  EventId,
  GrantId,
  IncidentId,
  NoticeId,
  OperatorId,
  OrderId,
  PartyId,
  SessionId,
  ShipmentId,
  SubjectId,
  Token,
} from '../core/id.ts'
import type { Instant } from '../core/time.ts'
import type { SealedEvent } from './audit/event.ts'
import type { Canary, NotedTouch } from './canaries/canary.ts'
import type { FieldName } from './fields/registry.ts'
import type { Grant } from './grants/grant.ts'
import type { Incident, SuspectId } from './incidents/incident.ts'
import type { Delivery, Enrolled, Notice } from './incidents/notices/notice.ts'
import type { LogState, StoredTile } from './log/log.ts'
import type { KeyDestruction, Rotation } from './keys/rotation.ts'
import type { KeyKind, TenantKeyRecord } from './keys/tenant-key.ts'
import type { Credential, Party, PartyStatus, Tenant } from './principals/principal.ts'
import type { PaidItem } from './quota/quota.ts'
import type { Subject, WrappedDataKey } from './records/record.ts'
import type { RetentionKind } from './retention/policy.ts'
import type { Shipment, Stage } from './shipments/shipment.ts'
import type { TokenRecord } from './tokens/token.ts'
import type { Hold, HoldMode, Holder } from './watch/hold.ts'
import type { WatchSettings } from './watch/settings.ts'
import type { Signal } from './watch/signal.ts'
import type { WatchCell } from './watch/cell.ts'

/**
 * What a yes rested on, as it was read. If any of it moved before the commit, the commit is a `conflict` and nothing of
 * it happens: a revocation that was acknowledged in between always wins.
 */
export type Expectation =
  | { type: 'expect.caller'; credential: CredentialId; party: { id: PartyId; version: number } | null }
  | { type: 'expect.session'; session: SessionId }
  | { type: 'expect.party'; id: PartyId; version: number }
  | { type: 'expect.subject'; id: SubjectId; version: number }
  | { type: 'expect.tokens_live'; tokens: readonly Token[] }
  | { type: 'expect.grant'; id: GrantId; version: number }
  | { type: 'expect.shipment'; id: ShipmentId; version: number }
  /** None of them is stopped at `at`, by an incident or by a hold. */
  | { type: 'expect.unheld'; suspects: readonly SuspectId[]; at: Instant }

/** Names that callers make up, mapped to ids of the vault's own for the log. */
export type RefKind = 'operator' | 'device' | 'order'
export type RefId = OperatorId | DeviceId | OrderId

/** Every write that exists. Each noun's are applied by `storage/…/apply/<noun>.ts`. */
export type Change =
  | Expectation
  | { type: 'tenant.insert'; tenant: Tenant }
  | { type: 'tenant.set_settings'; settings: Tenant['settings'] }
  | { type: 'tenant_key.insert'; key: TenantKeyRecord }
  /** The primary becomes active; `conflict` if it is not the primary. */
  | { type: 'tenant_key.demote'; kind: KeyKind; version: number }
  /** An active version becomes retired; `conflict` if it is not active, or if anything still names it. */
  | { type: 'tenant_key.retire'; kind: KeyKind; version: number }
  /**
   * A retired version becomes destroyed and its wrapped key is overwritten in place with zeros of the same length; `conflict`
   * if it is not retired, or if anything still names it. What was overwritten is in no file of the store once the commit has
   * resolved.
   */
  | { type: 'tenant_key.destroy'; kind: KeyKind; version: number }
  /** Overwrites the wrapped key in place; `conflict` if it is destroyed or wrapped under another root key than expected. */
  | {
      type: 'tenant_key.rewrap'
      kind: KeyKind
      version: number
      expectedRootKeyId: string
      rootKeyId: string
      wrapped: Uint8Array
    }
  /**
   * Overwrites the wrapped key in place with the same key under another version; `conflict` if the person was erased, or the
   * key is another one or under another version than `from`. Does not move the person's version.
   */
  | { type: 'data_key.rewrap'; subject: SubjectId; from: number; dataKey: WrappedDataKey }
  /** Another key in the place of the person's; bumps the version. What was sealed under the old one follows in the list. */
  | { type: 'data_key.replace'; id: SubjectId; expectedVersion: number; dataKey: WrappedDataKey }
  /** Puts the field's index row under another version of the key; `conflict` if the field has another version by now. */
  | {
      type: 'index.rekey'
      subject: SubjectId
      field: FieldName
      version: number
      index: { keyVersion: number; hash: number }
    }
  /** The same note sealed anew; `conflict` if it is not as it was read. */
  | { type: 'note.reseal'; no: number; from: Uint8Array; sealed: Uint8Array }
  /** The same contact sealed anew; `conflict` if it is not as it was read. Does not move the party's version. */
  | { type: 'contact.reseal'; id: PartyId; from: Uint8Array; contact: Uint8Array }
  /** `conflict` if one of the same level is running. */
  | { type: 'rotation.start'; rotation: Rotation }
  /** Puts where it stands now; `conflict` unless it is running and has made `expectedSteps`. */
  | { type: 'rotation.step'; rotation: Rotation; expectedSteps: number }
  | { type: 'key_destruction.ask'; destruction: KeyDestruction }
  /** `conflict` if it was approved already, has run out, or was asked for by the same credential. */
  | { type: 'key_destruction.approve'; id: KeyDestruction['id']; by: CredentialId; at: Instant }
  | { type: 'party.insert'; party: Party }
  | { type: 'party.set_status'; id: PartyId; expectedVersion: number; status: PartyStatus }
  | { type: 'credential.insert'; credential: Credential; secretHash: Uint8Array }
  | { type: 'credential.revoke'; id: CredentialId; at: Instant }
  | { type: 'subject.insert'; subject: Subject; dataKey: WrappedDataKey }
  /** Bumps the version. */
  | {
      type: 'subject.update'
      id: SubjectId
      expectedVersion: number
      locale: string | null
      jurisdiction: string | null
      at: Instant
    }
  /**
   * Overwrites the wrapped data key in place with zeros of the same length, deletes the fields, their index rows and
   * sealed notes, blanks `external_ref`, locale and jurisdiction, and marks the row erased. What was overwritten is in no
   * file of the store once the commit has resolved; PostgreSQL cannot promise that (docs/decisions/0019-postgres.md).
   */
  | { type: 'subject.erase'; id: SubjectId; expectedVersion: number; at: Instant }
  /** Puts the current value and replaces the field's index row. */
  | {
      type: 'field.put'
      subject: SubjectId
      field: FieldName
      version: number
      envelope: Uint8Array
      index: { keyVersion: number; hash: number }
    }
  | { type: 'field.remove'; subject: SubjectId; field: FieldName }
  /** `conflict` if a live token of the same party, subject, field and window exists. */
  | { type: 'token.insert'; token: TokenRecord }
  /**
   * Retires every token of the person, or of the person at one party, that is not retired yet, and notes it in the parcels
   * that they address, whose versions it moves; `conflict` if the number of tokens is not `expected`.
   */
  | { type: 'tokens.retire'; subject: SubjectId; party: PartyId | null; expected: number; at: Instant }
  | { type: 'shipment.insert'; shipment: Shipment }
  | { type: 'shipment.move'; id: ShipmentId; expectedVersion: number; stage: Stage; at: Instant }
  | { type: 'grant.insert'; grant: Grant }
  | { type: 'grant.revoke'; id: GrantId; expectedVersion: number; at: Instant }
  /** Adds one use; `conflict` if the grant has no use left. Does not move its version. */
  | { type: 'grant.consume'; id: GrantId }
  | { type: 'ref.insert'; party: PartyId | null; kind: RefKind; ref: string; id: RefId }
  /** Notes that a look under the grant was paid for; `conflict` if one was since `paidBefore`. Does not move its version. */
  | { type: 'grant.paid'; id: GrantId; at: Instant; paidBefore: Instant }
  /** Adds `cost` to the party's day; `conflict` if that would pass `limit`. */
  | { type: 'quota.charge'; party: PartyId; day: string; limit: number; cost: number }
  /** Notes that this item was paid for; `conflict` if somebody else paid for it since `paidBefore`. */
  | { type: 'quota.item_paid'; party: PartyId; item: PaidItem; at: Instant; paidBefore: Instant }
  /** Adds one parcel to the party's day: the default quota follows it. */
  | { type: 'quota.parcel'; party: PartyId; day: string }
  | {
      type: 'note.insert'
      about: SubjectId | PartyId | ShipmentId | EventId | IncidentId | NoticeId
      subject: SubjectId | null
      sealed: Uint8Array
      at: Instant
    }
  | { type: 'session.insert'; session: SessionId; subject: SubjectId; expiresAt: Instant }
  | { type: 'session.end'; session: SessionId; at: Instant }
  /** `conflict` if the caller's key is taken already, by a record made at or after `expiredBefore`. */
  | { type: 'idempotency.insert'; record: IdempotencyRecord; expiredBefore: Instant }
  /**
   * Puts the tiles that are new or have grown and the checkpoint that covers them; `conflict` unless the log's checkpoint has
   * `expectedSize` leaves now, 0 before the first.
   */
  | {
      type: 'log.integrate'
      expectedSize: number
      state: Omit<LogState, 'cosigned'>
      tiles: readonly StoredTile[]
    }
  /** Keeps a checkpoint with its witnesses' lines, unless a larger one is kept already. */
  | { type: 'log.cosign'; size: number; note: string }
  /**
   * Removes rows that `listDue` gave, exactly these, and puts where its walk over the log has come to. Of an event bytes, salt,
   * type, person and party go, and index, id, time and leaf hash stay: the tree is as it was, and no read gives the event any
   * more. Of a parcel the recipient's tokens and the notes about it go. `conflict` if one of the rows is not there any more or
   * counts from `before` or later by now, if another walk came first, or if no checkpoint covers an event.
   */
  | {
      type: 'retention.remove'
      kind: RetentionKind
      before: Instant
      keys: readonly string[]
      walk: LogWalk | null
    }
  | { type: 'incident.insert'; incident: Incident }
  /** Puts it as it is now; `conflict` unless it has `expectedVersion`, which this moves. */
  | { type: 'incident.put'; incident: Incident; expectedVersion: number }
  /** Holds these until `until`, or for as long as it takes: each once for a holder, however often it is said. */
  | {
      type: 'hold.put'
      holder: Holder
      suspects: readonly SuspectId[]
      mode: HoldMode
      until: Instant | null
    }
  /** Lets go of all that the holder holds; what another one holds too stays held. */
  | { type: 'hold.lift'; holder: Holder }
  | { type: 'risk_hold.insert'; hold: Hold }
  /** Puts it as it is now; `conflict` unless it has `expectedVersion`, which this moves. */
  | { type: 'risk_hold.put'; hold: Hold; expectedVersion: number }
  | { type: 'signal.insert'; signal: Signal }
  /** Puts it as it is now; `conflict` unless it has `expectedVersion`, which this moves. */
  | { type: 'signal.put'; signal: Signal; expectedVersion: number }
  /**
   * How far the detectors have gone through the log, and what they know by then: all of it or none, so that nothing is found twice.
   * A cell without a state is removed. `conflict` unless the watch has `expectedVersion`, 0 before the first, which this moves.
   */
  | { type: 'watch.step'; cursor: number; expectedVersion: number; cells: readonly WatchCell[] }
  /** `conflict` unless the settings have `expectedVersion`, 0 before the first, which this moves. */
  | { type: 'watch.set_settings'; settings: WatchSettings; expectedVersion: number }
  | { type: 'notice.insert'; notice: Notice }
  /** Puts it as it is now; `conflict` unless it has `expectedVersion`, which this moves. */
  | { type: 'notice.put'; notice: Notice; expectedVersion: number }
  /** Adds a row for each recipient; `conflict` if one has a row already. */
  | { type: 'delivery.enrol'; notice: NoticeId; rows: readonly Enrolled[]; at: Instant }
  /**
   * Counts an attempt that begins now, and keeps others from another one until `until`; `conflict` unless the notice is being
   * sent, and the row is queued and has had `attempts`.
   */
  | {
      type: 'delivery.claim'
      notice: NoticeId
      recipient: number
      attempts: number
      until: Instant
      at: Instant
    }
  /** What came of it; `conflict` unless the row is in state `from` and has had `attempts`. */
  | { type: 'delivery.settle'; notice: NoticeId; delivery: Delivery; from: Delivery['state'] }
  /** Marks a person who is stored, or in the same list, as made up. */
  | { type: 'canary.insert'; canary: Canary }
  /** `conflict` if it is retired already. */
  | { type: 'canary.retire'; subject: SubjectId; at: Instant }
  /** Keeps a touch until it is told of; once, however often it is said. */
  | { type: 'canary.touch'; touch: NotedTouch }
  | { type: 'canary.touched'; subject: SubjectId; count: number; at: Instant }
  /** Drops a touch that was kept; `conflict` if it is not there any more. */
  | { type: 'canary.settle'; event: EventId; subject: SubjectId }
  /** The log was gone through for canaries up to and without index `to`; `conflict` unless it had been up to `from`. */
  | { type: 'canary.walk'; from: number; to: number }
  /** Takes the next index of the tenant's log. A person that it names is stored, erased or not; else `conflict`. */
  | { type: 'event.append'; event: SealedEvent }

/** A stretch of the log that was gone through: from index `from` up to and without `to`. */
export type LogWalk = { from: number; to: number }

export type IdempotencyRecord = {
  caller: CredentialId | SessionId
  /** Keyed hash of the header's value; 32 bytes. */
  key: Uint8Array
  /** Keyed hash of method, path and body; 32 bytes. */
  fingerprint: Uint8Array
  /** The answer, sealed under a key that only the caller's own secret gives. */
  sealedResult: Uint8Array
  createdAt: Instant
}
