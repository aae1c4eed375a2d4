import type { DeviceId, OperatorId, OrderId, ShipmentId, SubjectId, Token, Waybill } from '../../core/id.ts'
import type { Purpose } from '../../core/purpose.ts'
import type { Instant } from '../../core/time.ts'
import type { Change, Expectation } from '../changes.ts'
import type { FieldName } from '../fields/registry.ts'
import type { GrantTerms } from '../grants/grant.ts'
import type { SuspectId } from '../incidents/incident.ts'
import type { PartyCaller } from '../principals/principal.ts'
import type { Recipient } from '../records/record.ts'
import { viewsAt } from '../shipments/stage-views.ts'
import type { Parcel, TokenWithPerson } from '../store.ts'
import type { TokenLife } from '../tokens/token.ts'
import type { Vault } from '../vault.ts'
import { stopOf } from '../watch/hold.ts'
import type { Held, Stop } from '../watch/hold.ts'
import { slowDown } from '../watch/slow.ts'
import { judge } from './judge.ts'
import type { Asked, Decision, DenialCode } from './judge.ts'

/** A token alone never reveals: the order that it is wanted for goes with it. A waybill is its own context. */
export type RevealItem = ParcelItem | TokenItem
type ParcelItem = { key: string; waybill: Waybill }
type TokenItem = { key: string; token: Token; orderRef?: string; fields?: readonly FieldName[] }

/** An item with what was found for it and what was decided. */
export type Prepared = {
  item: RevealItem
  decision: Decision
  /** Absent where nothing of the caller's was found: then the event names nothing either. */
  found?: Found
  /** Whose parcel or token it is where it is another party's: nothing that is answered or logged rests on it. */
  stranger?: SubjectId
}

type Found = {
  person: Recipient
  shipment?: ShipmentId
  order?: OrderId
  /** What a yes rests on. */
  expectations: readonly Expectation[]
}

export type RevealSetting = {
  vault: Vault
  caller: PartyCaller
  purpose: Purpose
  now: Instant
  orders: ReadonlyMap<string, OrderId>
  /** Keys of items that were revealed before under the same Idempotency-Key. */
  noted: ReadonlySet<string>
  /** Who looks: the party, its credential, its operator, its device. */
  looking: readonly SuspectId[]
}

/** The names that the caller gave, as the log knows them. */
export type RevealRefs = {
  operator: OperatorId
  device: DeviceId | undefined
  orders: RevealSetting['orders']
  changes: readonly Change[]
}

type Sources = {
  parcels: ReadonlyMap<Waybill, Parcel>
  tokens: ReadonlyMap<Token, TokenWithPerson>
  grants: ReadonlyMap<string, readonly GrantTerms[]>
  /** What holds anybody of all that the call is about. */
  held: readonly Held[]
}

/** Reads what all items need in a handful of queries, then judges each by itself. */
export async function prepare(
  setting: RevealSetting,
  items: readonly RevealItem[],
): Promise<readonly Prepared[]> {
  const sources = await readSources(setting, items)
  return items.map((item) =>
    'waybill' in item ? prepareParcel(setting, sources, item) : prepareToken(setting, sources, item),
  )
}

async function readSources(
  { vault, caller, purpose, looking, now }: RevealSetting,
  items: readonly RevealItem[],
): Promise<Sources> {
  const { tenant, party } = caller
  const waybills = items.flatMap((item) => ('waybill' in item ? item.waybill : []))
  const wanted = items.flatMap((item) => ('token' in item ? item.token : []))
  const parcels = waybills.length > 0 ? await vault.store.findParcels(tenant, waybills) : []
  const tokens = wanted.length > 0 ? await vault.store.findTokensWithPersons(tenant, wanted) : []
  // A parcel's own grant is for its delivery; for anything else the platform may have given the courier one by hand.
  const others = purpose === 'delivery' ? [] : parcels
  const subjects = [...new Set([...tokens, ...others].map(({ person }) => person.subject.id))]
  const grants = subjects.length > 0 ? await vault.store.listStandingGrants(tenant, subjects, party.id) : []
  const concerned = [...parcels, ...tokens].map(({ person }) => person.subject.id)
  const held = await vault.store.findHolds(tenant, [...looking, ...new Set(concerned)], now)
  slowDown(vault, held, looking, now)
  return {
    held,
    parcels: new Map(parcels.map((parcel) => [parcel.shipment.waybill, parcel])),
    tokens: new Map(tokens.map((row) => [row.token.token, row])),
    grants: Map.groupBy(grants, ({ subject }) => subject),
  }
}

function unknown(item: RevealItem, code: DenialCode = 'token_unknown'): Prepared {
  return { item, decision: { allowed: false, code } }
}

function strange(item: RevealItem, { subject }: Recipient): Prepared {
  return { ...unknown(item), stranger: subject.id }
}

const PARCEL_FIELDS: readonly FieldName[] = ['name', 'phone', 'address']

function prepareParcel(setting: RevealSetting, sources: Sources, item: ParcelItem): Prepared {
  const parcel = sources.parcels.get(item.waybill)
  if (!parcel) return unknown(item)
  if (parcel.shipment.courier !== setting.caller.party.id) return strange(item, parcel.person)
  const { shipment, grant, person } = parcel
  const asked: Asked = {
    purpose: setting.purpose,
    subject: person.subject,
    stop: stopFor(sources, setting, person),
    tokens: recipientTokens(shipment),
    present: person.fields.map(({ field }) => field),
    grants: [grant, ...(sources.grants.get(person.subject.id) ?? [])].map((one) =>
      asUsable(one, item, setting),
    ),
    stage: viewsAt(shipment, setting.now) ?? 'closed',
    wanted: PARCEL_FIELDS,
  }
  const decision = judge(asked, setting.now)
  const expectations: Expectation[] = [
    { type: 'expect.shipment', id: shipment.id, version: shipment.version },
    ...expectationsOf(decision, person),
  ]
  return { item, decision, found: { person, shipment: shipment.id, order: shipment.order, expectations } }
}

/** A parcel keeps how long its recipient's tokens live, so that nobody need look them up at each scan. */
function recipientTokens({ tokensExpireAt, tokensRetiredAt }: Parcel['shipment']): readonly TokenLife[] {
  return PARCEL_FIELDS.map((field) => ({ field, expiresAt: tokensExpireAt, retiredAt: tokensRetiredAt }))
}

function prepareToken(setting: RevealSetting, sources: Sources, item: TokenItem): Prepared {
  const row = sources.tokens.get(item.token)
  if (!row) return unknown(item)
  if (row.token.party !== setting.caller.party.id) return strange(item, row.person)
  const { token, person } = row
  const order = item.orderRef === undefined ? undefined : setting.orders.get(item.orderRef)
  if (!order) return { ...unknown(item, 'context_required'), found: { person, expectations: [] } }
  const grants = sources.grants.get(person.subject.id) ?? []
  const asked: Asked = {
    purpose: setting.purpose,
    subject: person.subject,
    stop: stopFor(sources, setting, person),
    tokens: [token],
    present: person.fields.map(({ field }) => field),
    grants: grants.map((grant) => asUsable(grant, item, setting)),
    stage: undefined,
    wanted: item.fields ?? [token.field],
  }
  const decision = judge(asked, setting.now)
  return {
    item,
    decision,
    found: { person, order, expectations: expectationsOf(decision, person, token.token) },
  }
}

/** A repetition of what was revealed already takes no further use, so a grant that it used up still covers it. */
function asUsable(grant: GrantTerms, item: RevealItem, { noted }: RevealSetting): GrantTerms {
  return noted.has(item.key) ? { ...grant, usesMax: null } : grant
}

/** A hold on whoever looks, or on the person, denies whatever else allows it. */
function stopFor({ held }: Sources, { looking }: RevealSetting, { subject }: Recipient): Stop | undefined {
  if (held.length === 0) return undefined
  return stopOf(held.filter(({ suspect }) => suspect === subject.id || looking.includes(suspect)))
}

function expectationsOf(decision: Decision, person: Recipient, token?: Token): readonly Expectation[] {
  if (!decision.allowed) return []
  const { grant } = decision
  return [
    { type: 'expect.subject', id: person.subject.id, version: person.subject.version },
    { type: 'expect.grant', id: grant.id, version: grant.version },
    ...(token ? [{ type: 'expect.tokens_live', tokens: [token] } as const] : []),
  ]
}
