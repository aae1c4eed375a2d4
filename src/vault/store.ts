import type {
  CredentialId,
  EventId,
  GrantId,
  HoldId,
  IncidentId,
  MerchantId,
  NoticeId,
  OrderId,
  PartyId,
  SessionId,
  ShipmentId,
  SignalId,
  SubjectId,
  TenantId,
  Token,
  Waybill,
} from '../core/id.ts'
import type { Instant } from '../core/time.ts'
import type { EventType, StoredEvent } from './audit/event.ts'
import type { Canary, CanaryEvent, NotedTouch } from './canaries/canary.ts'
import type { Change, IdempotencyRecord, LogWalk, RefId, RefKind } from './changes.ts'
import type { FieldName } from './fields/registry.ts'
import type { Grant, GrantTerms } from './grants/grant.ts'
import type { Incident, SuspectId } from './incidents/incident.ts'
import type { Delivery, DeliveryState, Notice } from './incidents/notices/notice.ts'
import type { LogState } from './log/log.ts'
import type {
  KeyDestruction,
  NumberedDataKey,
  NumberedIndexRow,
  NumberedNote,
  Rotation,
} from './keys/rotation.ts'
import type { TenantKeyRecord } from './keys/tenant-key.ts'
import type { Credential, Party, PartyKind, PartyStatus, Tenant } from './principals/principal.ts'
import type { PaidItem } from './quota/quota.ts'
import type { Owner, Person, Recipient, Subject, SubjectState } from './records/record.ts'
import type { EventKind, RetentionKind, RowKind } from './retention/policy.ts'
import type { Shipment, StageEntry } from './shipments/shipment.ts'
import type { TokenRecord } from './tokens/token.ts'
import type { WatchCell } from './watch/cell.ts'
import type { Held, Hold } from './watch/hold.ts'
import type { Watch } from './watch/settings.ts'
import type { Signal, SignalState } from './watch/signal.ts'

/** A moment in the life of a store. Opaque outside it. */
export type Mark = { readonly moves: number }

/** `after` is the last row's key of the page before; opaque outside the store. */
export type Page = { limit: number; after?: string }
export type Listed<Row> = { rows: readonly Row[]; next: string | null }

export type CallerRow = { credential: Credential; party: Party | null }

/** A parcel with all that a courier's reveal is decided on: of the recipient's fields name, phone and address. */
export type Parcel = {
  shipment: Omit<Shipment, 'recipient' | 'createdAt'>
  grant: GrantTerms
  person: Recipient
}

export type TokenWithPerson = { token: TokenRecord; person: Person }

export type QuotaDay = { used: number; parcelsLast7Days: number }

export type EventFilter = {
  subject?: SubjectId
  party?: PartyId
  types?: readonly EventType[]
  from?: Instant
  to?: Instant
  order: 'oldest' | 'newest'
}

export type PrincipalReads = {
  findTenant(tenant: TenantId): Promise<Tenant | undefined>
  listTenants(): Promise<readonly Tenant[]>
  /** By SHA-256 of the whole credential; revoked ones too, so that their use can be logged. */
  findCaller(tenant: TenantId, secretHash: Uint8Array): Promise<CallerRow | undefined>
  findCredential(tenant: TenantId, id: CredentialId): Promise<Credential | undefined>
  findParty(tenant: TenantId, id: PartyId): Promise<Party | undefined>
  listParties(
    tenant: TenantId,
    filter: { kind?: PartyKind; status?: PartyStatus },
    page: Page,
  ): Promise<Listed<Party>>
  findSession(
    tenant: TenantId,
    id: SessionId,
  ): Promise<{ subject: SubjectId; expiresAt: Instant; endedAt: Instant | null } | undefined>
}

export type KeyReads = {
  listTenantKeys(tenant: TenantId): Promise<readonly TenantKeyRecord[]>
  /** The last rotation of each level. */
  listRotations(tenant: TenantId): Promise<readonly Rotation[]>
  /** Keys of persons who are not erased, in the order of their rows, after row `after`. */
  listDataKeys(tenant: TenantId, after: number, limit: number): Promise<readonly NumberedDataKey[]>
  listIndexRows(tenant: TenantId, after: number, limit: number): Promise<readonly NumberedIndexRow[]>
  /** Notes about a person, or with null those that are about none. */
  listNotesNumbered(
    tenant: TenantId,
    subject: SubjectId | null,
    after: number,
    limit: number,
  ): Promise<readonly NumberedNote[]>
  /** How many rows a rotation may have to walk over. Erased persons count too. */
  countKeyUses(tenant: TenantId): Promise<{ dataKeys: number; indexRows: number; houseNotes: number }>
  findKeyDestruction(tenant: TenantId, id: KeyDestruction['id']): Promise<KeyDestruction | undefined>
}

export type RecordReads = {
  findPerson(tenant: TenantId, id: SubjectId): Promise<Person | undefined>
  /** In any order; unknown refs are left out. Erased persons have no ref any more. */
  findPersonsByRef(tenant: TenantId, owner: Owner, refs: readonly string[]): Promise<readonly Person[]>
  findPersons(tenant: TenantId, ids: readonly SubjectId[]): Promise<readonly Person[]>
  /** Candidates only: 32-bit hashes collide, so each must be opened and compared. At most `limit`, newest first. */
  findSubjectsByIndex(
    tenant: TenantId,
    field: FieldName,
    hash: number,
    limit: number,
  ): Promise<readonly Subject[]>
  listNotes(
    tenant: TenantId,
    subject: SubjectId,
  ): Promise<readonly { about: string; sealed: Uint8Array; at: Instant }[]>
}

export type TokenReads = {
  /** Unknown tokens are left out. */
  findTokens(tenant: TenantId, tokens: readonly Token[]): Promise<readonly TokenRecord[]>
  /** With the person behind each; one of another party's is returned too: the rules tell them apart. */
  findTokensWithPersons(tenant: TenantId, tokens: readonly Token[]): Promise<readonly TokenWithPerson[]>
  /** Tokens of these persons at one party that are not retired, whatever their window. */
  listTokensOf(
    tenant: TenantId,
    subjects: readonly SubjectId[],
    party: PartyId | null,
  ): Promise<readonly TokenRecord[]>
}

export type ShipmentReads = {
  findShipment(tenant: TenantId, id: ShipmentId): Promise<Shipment | undefined>
  findParcels(tenant: TenantId, waybills: readonly Waybill[]): Promise<readonly Parcel[]>
  listStages(tenant: TenantId, id: ShipmentId): Promise<readonly StageEntry[]>
  listShipmentsOf(tenant: TenantId, subject: SubjectId): Promise<readonly Shipment[]>
  findShipmentsByOrder(tenant: TenantId, merchant: PartyId, order: OrderId): Promise<readonly Shipment[]>
}

export type GrantReads = {
  findGrant(tenant: TenantId, id: GrantId): Promise<Grant | undefined>
  listGrantsOf(tenant: TenantId, subject: SubjectId): Promise<readonly Grant[]>
  /** Grants that are not bound to a parcel, of these persons to one party. */
  listStandingGrants(
    tenant: TenantId,
    subjects: readonly SubjectId[],
    party: PartyId,
  ): Promise<readonly Grant[]>
}

export type QuotaReads = {
  /** `weekAgo` and `day` are UTC days; parcels are summed over both and all between. */
  readQuota(tenant: TenantId, party: PartyId, day: string, weekAgo: string): Promise<QuotaDay>
  /** Which of these items the party has paid for at or after `since`. In the order asked. */
  whichPaid(
    tenant: TenantId,
    party: PartyId,
    items: readonly PaidItem[],
    since: Instant,
  ): Promise<readonly boolean[]>
}

export type RefReads = {
  /** In the order asked; undefined where the caller never used that name before. */
  findRefs(
    tenant: TenantId,
    party: PartyId | null,
    kind: RefKind,
    refs: readonly string[],
  ): Promise<readonly (RefId | undefined)[]>
  /** Back from the vault's ids to the callers' names. Unknown ids are left out. */
  resolveRefs(tenant: TenantId, ids: readonly RefId[]): Promise<ReadonlyMap<RefId, string>>
}

export type AuditReads = {
  findEvent(tenant: TenantId, id: EventId): Promise<StoredEvent | undefined>
  listEvents(tenant: TenantId, filter: EventFilter, page: Page): Promise<Listed<StoredEvent>>
  /** Number of events in the tenant's log, and when the last one was made. */
  logHead(tenant: TenantId): Promise<{ size: number; lastAt: Instant | null }>
}

export type LogReads = {
  /** Undefined before the first checkpoint. */
  findLog(tenant: TenantId): Promise<LogState | undefined>
  /** Leaf hashes from index `from` on, at most `limit`, without a gap. */
  listLeafHashes(tenant: TenantId, from: number, limit: number): Promise<readonly Uint8Array[]>
  /** In the order asked; undefined where there is no such tile. */
  findTiles(
    tenant: TenantId,
    tiles: readonly { level: number; index: number }[],
  ): Promise<readonly (Uint8Array | undefined)[]>
  /** Tenants with events that no checkpoint covers yet, at most `limit`. */
  listLogsBehind(limit: number): Promise<readonly TenantId[]>
}

/**
 * An event for a look over many: the person by the number of its row, as in `PersonFacts`, and the leaf as text, which costs a
 * driver less than bytes do.
 */
export type ScannedEvent = {
  index: number
  at: Instant
  type: EventType
  person: number | null
  /** Empty where retention has removed the event. */
  leaf: string
}

/** Whose events are gone through, and from when on and until when at least. */
export type EventScan = { party?: PartyId; subject?: SubjectId; from: Instant | null; to: Instant | null }

/** What a person counts under. An erased one has neither locale nor jurisdiction any more. */
export type PersonFacts = {
  person: number
  subject: SubjectId
  state: SubjectState
  locale: string | null
  jurisdiction: string | null
  /** Whether it was made up: nobody to be counted, or told of a leak. */
  canary: boolean
}

/** A person's key in a copy of the store: under which version it is now. Erased persons are among them. */
export type CopiedKey = PersonFacts & { keyVersion: number; createdAt: Instant; erasedAt: Instant | null }

export type IncidentReads = {
  findIncident(tenant: TenantId, id: IncidentId): Promise<Incident | undefined>
  /** Newest first. */
  listIncidents(tenant: TenantId, page: Page): Promise<Listed<Incident>>
  /** Incidents of any tenant with a containment that is not through, at most `limit`. */
  listContaining(limit: number): Promise<readonly { tenant: TenantId; id: IncidentId }[]>
  /** Incidents of any tenant whose clocks are to be looked at, and when, the soonest first, at most `limit`. */
  listChecks(limit: number): Promise<readonly { tenant: TenantId; id: IncidentId; at: Instant }[]>
  /** What holds any of these at `now`, an incident or a hold of its own. */
  findHolds(tenant: TenantId, suspects: readonly SuspectId[], now: Instant): Promise<readonly Held[]>
  /** In the order in which they were written. */
  listNotesAbout(
    tenant: TenantId,
    about: IncidentId | EventId | NoticeId,
  ): Promise<readonly { sealed: Uint8Array; at: Instant }[]>
  /**
   * The log in its order behind index `after` (-1 before the first), at most `limit` events; some that lie outside of the
   * times may be among them. `next` is null at the end.
   */
  scanEvents(
    tenant: TenantId,
    scan: EventScan,
    after: number,
    limit: number,
  ): Promise<{ rows: readonly ScannedEvent[]; next: number | null }>
  /** The events about persons, in the order of persons and of each in the log's, behind `after`; fewer than `limit` at the end. */
  scanByPerson(
    tenant: TenantId,
    after: { person: number; index: number },
    limit: number,
  ): Promise<readonly ScannedEvent[]>
  /** The tenant's persons with a number from `first` to `last`, in order. */
  listPersonFacts(tenant: TenantId, first: number, last: number): Promise<readonly PersonFacts[]>
  /** Everybody who was ever stored, in order, behind number `after`. */
  listCopiedKeys(tenant: TenantId, after: number, limit: number): Promise<readonly CopiedKey[]>
}

export type NoticeReads = {
  findNotice(tenant: TenantId, id: NoticeId): Promise<Notice | undefined>
  /** Newest first; of one incident, or of all. */
  listNotices(tenant: TenantId, incident: IncidentId | null, page: Page): Promise<Listed<Notice>>
  /** Notices of any tenant that are approved or being sent, at most `limit`, the oldest first. */
  listNoticesAtWork(limit: number): Promise<readonly { tenant: TenantId; id: NoticeId }[]>
  /** Queued recipients whose turn has come by `now`, at most `limit`, those that wait longest first. */
  listDueDeliveries(
    tenant: TenantId,
    notice: NoticeId,
    now: Instant,
    limit: number,
  ): Promise<readonly Delivery[]>
  /** When the next queued recipient's turn comes; undefined if none is queued. */
  nextDelivery(tenant: TenantId, notice: NoticeId): Promise<Instant | undefined>
  findDelivery(tenant: TenantId, notice: NoticeId, recipient: number): Promise<Delivery | undefined>
  /** In the order of recipients behind number `after`. */
  listDeliveries(
    tenant: TenantId,
    notice: NoticeId,
    after: number,
    limit: number,
  ): Promise<readonly Delivery[]>
  countDeliveries(tenant: TenantId, notice: NoticeId): Promise<Partial<Record<DeliveryState, number>>>
  /** When it was first and last handed over to somebody; undefined before that. */
  findSentSpan(tenant: TenantId, notice: NoticeId): Promise<{ first: Instant; last: Instant } | undefined>
  /** Notices that name the person as a recipient, newest first, at most `limit`. */
  listNoticesTo(
    tenant: TenantId,
    subject: SubjectId,
    limit: number,
  ): Promise<readonly { notice: Notice; delivery: Delivery }[]>
}

export type WatchReads = {
  /** Undefined before the first step and the first settings. */
  findWatch(tenant: TenantId): Promise<Watch | undefined>
  /** In any order; those that are not there are left out. */
  findWatchCells(tenant: TenantId, keys: readonly string[]): Promise<readonly WatchCell[]>
  /** Cells that were not touched since `before`, at most `limit`. */
  listStaleCells(tenant: TenantId, before: Instant, limit: number): Promise<readonly string[]>
  /** Tenants whose log goes on behind what the detectors have gone through, at most `limit`. */
  listWatchesBehind(limit: number): Promise<readonly TenantId[]>
  findSignal(tenant: TenantId, id: SignalId): Promise<Signal | undefined>
  /** Newest first. */
  listSignals(
    tenant: TenantId,
    filter: { state?: SignalState; detector?: string },
    page: Page,
  ): Promise<Listed<Signal>>
  /** What a detector has raised about the same, what was last found first, at most `limit`. */
  listSignalsAbout(
    tenant: TenantId,
    detector: string,
    about: SuspectId | null,
    limit: number,
  ): Promise<readonly Signal[]>
  /** Signals of any tenant whose alert is due by `now`, at most `limit`, those that wait longest first. */
  listDueAlerts(now: Instant, limit: number): Promise<readonly { tenant: TenantId; id: SignalId }[]>
  /** When the next alert is due; undefined if none waits. */
  nextAlert(): Promise<Instant | undefined>
  findHold(tenant: TenantId, id: HoldId): Promise<Hold | undefined>
  /** Newest first; `active` leaves out those that were cleared. */
  listHolds(tenant: TenantId, filter: { active: boolean }, page: Page): Promise<Listed<Hold>>
  /** Holds of any tenant that were not cleared and whose time has ended by `now`, at most `limit`. */
  listEndedHolds(now: Instant, limit: number): Promise<readonly { tenant: TenantId; id: HoldId }[]>
  /** When the next hold ends; undefined if none does. */
  nextHoldEnd(): Promise<Instant | undefined>
}

export type CanaryReads = {
  findCanary(tenant: TenantId, subject: SubjectId): Promise<Canary | undefined>
  /** Which of these are canaries and not retired, in any order. */
  whichCanaries(tenant: TenantId, subjects: readonly SubjectId[]): Promise<readonly SubjectId[]>
  /** Those planted last first. */
  listCanaries(
    tenant: TenantId,
    filter: { party?: MerchantId | undefined },
    page: Page,
  ): Promise<Listed<Canary>>
  /** Tenants that ever had a canary, and up to and without which index their logs were gone through. */
  listCanaryWalks(): Promise<readonly { tenant: TenantId; walked: number }[]>
  /** Events about canaries that are not retired, from index `from` up to and without `to`, in the log's order, at most `limit`. */
  listCanaryEvents(
    tenant: TenantId,
    stretch: { from: number; to: number },
    limit: number,
  ): Promise<readonly CanaryEvent[]>
  /** Touches that are kept, those of the earliest events first, at most `limit`. */
  listCanaryTouches(tenant: TenantId, limit: number): Promise<readonly NotedTouch[]>
}

export type RequestReads = {
  findIdempotent(
    tenant: TenantId,
    caller: IdempotencyRecord['caller'],
    key: Uint8Array,
    since: Instant,
  ): Promise<IdempotencyRecord | undefined>
}

/** What may be removed by one rule: what counts from before `before`; of events, those of the rule's types. */
export type DueQuery =
  { kind: RowKind; before: Instant } | { kind: EventKind; before: Instant; types: readonly EventType[] }

export type Due = {
  /** What `retention.remove` takes. Opaque outside the store. */
  keys: readonly string[]
  /** For events: how far the log was gone through, from where the last walk of this kind ended. */
  walk: LogWalk | null
  /** More may be due. */
  more: boolean
}

export type RetentionReads = {
  /** From when the oldest row counts, for each tenant that has rows of this kind; of a log, the first event not gone through yet. */
  listOldest(kind: RetentionKind): Promise<readonly { tenant: TenantId; since: Instant }[]>
  /** At most `limit` rows. Events are gone through in the log's order, up to the first that is too young or under no checkpoint. */
  listDue(tenant: TenantId, query: DueQuery, limit: number): Promise<Due>
}

/**
 * The one storage port. Every read sees only committed state; a read that follows a resolved commit on any node sees it.
 * Whatever is stored under another tenant does not exist.
 */
export type VaultStore = PrincipalReads &
  KeyReads &
  RecordReads &
  TokenReads &
  ShipmentReads &
  GrantReads &
  QuotaReads &
  RefReads &
  AuditReads &
  LogReads &
  RequestReads &
  IncidentReads &
  NoticeReads &
  WatchReads &
  CanaryReads &
  RetentionReads & {
    /**
     * Applies every change of the list in order, or none; durable once resolved. Lists that arrive together may share one
     * flush to disk; each still stands or falls alone.
     * @throws VaultError `conflict` if an expectation, version, guard or uniqueness did not hold: re-read and decide
     *   again. `log_unavailable` if nothing could be written and nothing was. `unavailable` if it was applied, but what it
     *   erased is not out of every file yet, or if it may have been applied before the store was lost. An empty list waits until
     *   whatever could be read before it is durable and what it erased is out of every file. Any other error: the outcome is
     *   unknown.
     */
    commit(tenant: TenantId, changes: readonly Change[], mark?: Mark): Promise<void>

    /**
     * Taken before the first read that a list rests on, who calls included, and given with it: a store that can tell
     * that nothing a yes rests on has moved since need not check the list's expectations one by one. One that cannot
     * tell gives undefined and checks.
     */
    mark(tenant: TenantId): Mark | undefined

    /** Answers when the store can read and write. @throws VaultError `unavailable`. */
    ping(): Promise<void>

    /** Waits for commits under way, then closes. Later calls throw `shutting_down`. */
    close(): Promise<void>
  }
