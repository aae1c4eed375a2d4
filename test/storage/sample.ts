import { randomBytes } from 'node:crypto'
import { opaqueId, parseTenantId, timedId } from '../../src/core/id.ts'
import type {
  CourierId,
  EventId,
  MerchantId,
  PartyId,
  SubjectId,
  TenantId,
  Token,
} from '../../src/core/id.ts'
import { instant, utcDay } from '../../src/core/time.ts'
import type { Instant } from '../../src/core/time.ts'
import type { AuditEvent, SealedEvent } from '../../src/vault/audit/event.ts'
import type { Change } from '../../src/vault/changes.ts'
import type { FieldName } from '../../src/vault/fields/registry.ts'
import type { Grant } from '../../src/vault/grants/grant.ts'
import type { Credential, Party } from '../../src/vault/principals/principal.ts'
import type { Owner, Subject, WrappedDataKey } from '../../src/vault/records/record.ts'
import type { Shipment } from '../../src/vault/shipments/shipment.ts'
import type { TokenRecord } from '../../src/vault/tokens/token.ts'

/** Rows of ordinary size with random contents: nothing here is sealed, and the store does not care. */

export const random = (length: number) => new Uint8Array(randomBytes(length))
export const AT = instant(Date.UTC(2026, 10, 23, 12))
export const TODAY = utcDay(AT)
export const ACME = parseTenantId('acme') as TenantId
export const OTHER = parseTenantId('other') as TenantId
export const FIELDS: readonly FieldName[] = ['name', 'phone', 'email', 'address']
export const WRAPPED_BYTES = 104

export const newId = {
  merchant: () => timedId('mer', random, AT),
  courier: () => timedId('cou', random, AT),
  subject: () => timedId('sub', random, AT),
  credential: () => timedId('key', random, AT),
  token: () => opaqueId('tok', random),
  waybill: () => opaqueId('wb', random),
  shipment: () => timedId('shp', random, AT),
  grant: () => timedId('grt', random, AT),
  event: () => timedId('evt', random, AT),
  order: () => opaqueId('ord', random),
  operator: () => opaqueId('opr', random),
  session: () => opaqueId('ses', random),
}

export function party(id: PartyId): Party {
  return {
    id,
    kind: id.startsWith('mer') ? 'merchant' : 'courier',
    name: `Party ${id.slice(-4)}`,
    registrationNumber: null,
    contact: random(80),
    status: 'active',
    version: 1,
    createdAt: AT,
  }
}

export function credential(of: PartyId | null): Credential {
  return { id: newId.credential(), party: of, label: 'live', createdAt: AT, revokedAt: null }
}

export function subject(owner: Owner, externalRef: string | null = null): Subject {
  return {
    id: newId.subject(),
    owner,
    externalRef,
    locale: 'zh-CN',
    jurisdiction: 'CN',
    state: 'active',
    version: 1,
    createdAt: AT,
    updatedAt: AT,
    erasedAt: null,
  }
}

export function dataKey(): WrappedDataKey {
  return {
    keyId: Buffer.from(random(8)).toString('hex'),
    tenantKeyVersion: 1,
    wrapped: random(WRAPPED_BYTES),
  }
}

export function token(of: SubjectId, at: PartyId, field: FieldName): TokenRecord {
  const name = newId.token()
  return {
    token: name,
    party: at,
    subject: of,
    field,
    linkability: 'order',
    window: name,
    issuedAt: AT,
    expiresAt: instant(AT + 90 * 86_400_000),
    retiredAt: null,
  }
}

export function grant(of: SubjectId, to: PartyId, more: Partial<Grant> = {}): Grant {
  return {
    id: newId.grant(),
    subject: of,
    party: to,
    purpose: 'delivery',
    fields: { name: 'surname', phone: 'full', address: 'full' },
    basis: 'contract',
    origin: 'tokenize',
    shipment: null,
    from: AT,
    until: null,
    usesMax: null,
    paidAt: null,
    uses: 0,
    revokedAt: null,
    version: 1,
    createdAt: AT,
    ...more,
  }
}

export function event(more: Partial<AuditEvent> = {}): SealedEvent {
  const id: EventId = newId.event()
  return {
    event: { id, at: AT, type: 'subject.stored', actor: 'platform', ...more },
    bytes: random(420),
    leafHash: random(32),
    subjectSalt: more.subject ? random(16) : null,
  }
}

export function append(more: Partial<AuditEvent> = {}): Change {
  return { type: 'event.append', event: event(more) }
}

export function put(of: SubjectId, field: FieldName, hash: number, version = 1): Change {
  return {
    type: 'field.put',
    subject: of,
    field,
    version,
    envelope: random(180),
    index: { keyVersion: 1, hash },
  }
}

export type StoredPerson = {
  subject: Subject
  tokens: Record<FieldName, Token>
  grant: Grant
  changes: Change[]
}

/** What storing a person with four fields writes. */
export function storePerson(merchant: MerchantId, externalRef: string | null = null): StoredPerson {
  const person = subject(merchant, externalRef)
  const records = FIELDS.map((field) => token(person.id, merchant, field))
  const given = grant(person.id, merchant)
  const hash = new DataView(random(16).buffer)
  return {
    subject: person,
    tokens: Object.fromEntries(records.map((record) => [record.field, record.token])) as Record<
      FieldName,
      Token
    >,
    grant: given,
    changes: [
      { type: 'subject.insert', subject: person, dataKey: dataKey() },
      ...FIELDS.map((field, i) => put(person.id, field, hash.getUint32(i * 4))),
      ...records.map((record): Change => ({ type: 'token.insert', token: record })),
      { type: 'grant.insert', grant: given },
      append({ subject: person.id, party: merchant }),
    ],
  }
}

export type StoredParcel = { shipment: Shipment; grant: Grant; changes: Change[] }

export function storeParcel(person: StoredPerson, merchant: MerchantId, courier: CourierId): StoredParcel {
  const id = newId.shipment()
  const given = grant(person.subject.id, courier, { origin: 'shipment', shipment: id })
  const { name, phone, address } = person.tokens
  const shipment: Shipment = {
    id,
    merchant,
    courier,
    order: newId.order(),
    waybill: newId.waybill(),
    subject: person.subject.id,
    grant: given.id,
    recipient: { name, phone, address },
    tokensExpireAt: null,
    tokensRetiredAt: null,
    stage: 'created',
    stageAt: AT,
    version: 1,
    createdAt: AT,
  }
  return {
    shipment,
    grant: given,
    changes: [
      { type: 'grant.insert', grant: given },
      { type: 'shipment.insert', shipment },
    ],
  }
}

export type World = {
  tenant: TenantId
  merchant: MerchantId
  courier: CourierId
  courierCredential: Credential
  secretHash: Uint8Array
  changes: Change[]
}

/** A tenant with a shop and a courier. */
export function newTenant(tenant: TenantId): World {
  const merchant = newId.merchant()
  const courier = newId.courier()
  const courierCredential = credential(courier)
  const secretHash = random(32)
  return {
    tenant,
    merchant,
    courier,
    courierCredential,
    secretHash,
    changes: [
      { type: 'tenant.insert', tenant: { id: tenant, createdAt: AT, settings: {} } },
      { type: 'party.insert', party: party(merchant) },
      { type: 'party.insert', party: party(courier) },
      { type: 'credential.insert', credential: courierCredential, secretHash },
    ],
  }
}

/** What a courier's reveal of one parcel commits. */
export function revealChanges(
  world: World,
  parcel: StoredParcel,
  limit = 1_000_000,
  at: Instant = AT,
): Change[] {
  return [
    {
      type: 'expect.caller',
      credential: world.courierCredential.id,
      party: { id: world.courier, version: 1 },
    },
    { type: 'expect.shipment', id: parcel.shipment.id, version: 1 },
    { type: 'expect.grant', id: parcel.grant.id, version: 1 },
    { type: 'expect.subject', id: parcel.shipment.subject, version: 1 },
    { type: 'quota.charge', party: world.courier, day: TODAY, limit, cost: 1 },
    { type: 'grant.paid', id: parcel.grant.id, at, paidBefore: instant(at - 3_600_000) },
    append({ type: 'reveal.allowed', subject: parcel.shipment.subject, party: world.courier, at }),
  ]
}
