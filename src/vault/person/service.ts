import { VaultError } from '../../core/errors.ts'
import type { DeviceId, EventId, OperatorId, OrderId, PartyId, ShipmentId } from '../../core/id.ts'
import { secret } from '../../core/secret.ts'
import type { Secret } from '../../core/secret.ts'
import { toRfc3339 } from '../../core/time.ts'
import { readLeaf } from '../audit/event.ts'
import type { EventType, StoredEvent } from '../audit/event.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { FieldValue } from '../fields/field-type.ts'
import type { FieldName } from '../fields/registry.ts'
import type { FieldViews, Grant } from '../grants/grant.ts'
import type { Party, PersonCaller } from '../principals/principal.ts'
import type { Person } from '../records/record.ts'
import { openPerson, personKey } from '../records/values.ts'
import { listOwnNotices } from '../incidents/notices/queries.ts'
import type { OwnNotice } from '../incidents/notices/queries.ts'
import { readNote } from '../notes.ts'
import { namesOfRefs } from '../refs.ts'
import type { Shipment } from '../shipments/shipment.ts'
import type { Listed, Page } from '../store.ts'
import { commitPlan, notFound } from '../transact.ts'
import type { Vault } from '../vault.ts'

/** What a person sees of the own data, and who else did. Looking is logged like any other access. */

export type OwnData = {
  subject: string
  locale: string | null
  jurisdiction: string | null
  fields: Secret<Partial<Record<FieldName, FieldValue>>>
}

export type Access = {
  event: EventId
  at: string
  type: string
  party: { id: PartyId; name: string; kind: Party['kind'] } | null
  operator?: { id: string | undefined; device?: string | undefined }
  purpose?: string
  decision?: string
  code?: string
  fields: FieldViews
  orderRef?: string
  shipment?: ShipmentId
}

const ACCESS_TYPES: readonly EventType[] = [
  'reveal.allowed',
  'reveal.denied',
  'reveal.replayed',
  'mask.shown',
  'search.matched',
  'shipment.created',
  'notice.contact_opened',
]

/** What was done in the person's own name: by the person, or by the platform that opened a session for it. */
const OWN_TYPES: readonly EventType[] = [
  'subject.updated',
  'grant.revoked',
  'session.opened',
  'session.ended',
  'person.viewed',
  'person.exported',
  'evidence.given',
]

async function ownPerson(vault: Vault, caller: PersonCaller): Promise<Person> {
  const person = await vault.store.findPerson(caller.tenant, caller.subject)
  if (!person || person.subject.state === 'erased') throw notFound('person')
  return person
}

async function openOwn(
  vault: Vault,
  caller: PersonCaller,
  type: 'person.viewed' | 'person.exported',
): Promise<OwnData> {
  const { tenant, subject } = caller
  const keys = await vault.keyring.tenantKeys(tenant)
  const plan = await commitPlan(vault, { caller }, async () => {
    const person = await ownPerson(vault, caller)
    const values = Object.fromEntries(openPerson(personKey(keys, tenant, person), tenant, person))
    const fields: FieldViews = Object.fromEntries(person.fields.map(({ field }) => [field, 'full']))
    const { append } = record(vault, caller, vault.clock.now(), { type, decision: 'allowed', fields })
    const { locale, jurisdiction, version } = person.subject
    const changes = [expectCaller(caller), { type: 'expect.subject', id: subject, version } as const, append]
    return { changes, result: { subject, locale, jurisdiction, fields: secret(values) } }
  })
  return plan.result
}

export async function viewOwn(vault: Vault, caller: PersonCaller): Promise<OwnData> {
  return openOwn(vault, caller, 'person.viewed')
}

export type OwnExport = OwnData & {
  exportedAt: string
  grants: readonly Grant[]
  shipments: readonly Shipment[]
  /** Reasons that were written down about the person and its parcels. */
  notes: readonly { at: string; text: Secret<string> }[]
  /** What the person was told about leaks. */
  notices: readonly OwnNotice[]
  accesses: readonly Access[]
  activity: readonly Access[]
}

/** Everything held on the person, in one piece: data, permissions, parcels, notes, and every access so far. */
export async function exportOwn(vault: Vault, caller: PersonCaller): Promise<OwnExport> {
  const data = await openOwn(vault, caller, 'person.exported')
  const { tenant, subject } = caller
  const [grants, shipments, notes, notices, accesses, activity] = await Promise.all([
    vault.store.listGrantsOf(tenant, subject),
    vault.store.listShipmentsOf(tenant, subject),
    ownNotes(vault, caller),
    listOwnNotices(vault, caller),
    allOf((page) => listOwn(vault, caller, ACCESS_TYPES, page)),
    allOf((page) => listOwn(vault, caller, OWN_TYPES, page)),
  ])
  return {
    ...data,
    exportedAt: toRfc3339(vault.clock.now()),
    grants,
    shipments,
    notes,
    notices,
    accesses,
    activity,
  }
}

async function ownNotes(vault: Vault, caller: PersonCaller): Promise<OwnExport['notes']> {
  const { tenant, subject } = caller
  const key = personKey(await vault.keyring.tenantKeys(tenant), tenant, await ownPerson(vault, caller))
  const notes = await vault.store.listNotes(tenant, subject)
  return notes.map(({ about, sealed, at }) => {
    return { at: toRfc3339(at), text: secret(readNote(key, tenant, about, sealed)) }
  })
}

async function allOf<Row>(list: (page: Page) => Promise<Listed<Row>>): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (let after: string | null | undefined; after !== null;) {
    const page = await list({ limit: EXPORT_PAGE, ...(after && { after }) })
    rows.push(...page.rows)
    after = page.next
  }
  return rows
}

const EXPORT_PAGE = 1_000

/** Who saw, or tried to see, something of the person. Newest first. */
export async function listOwnAccesses(
  vault: Vault,
  caller: PersonCaller,
  page: Page,
): Promise<Listed<Access>> {
  return listOwn(vault, caller, ACCESS_TYPES, page)
}

async function listOwn(
  vault: Vault,
  caller: PersonCaller,
  types: readonly EventType[],
  page: Page,
): Promise<Listed<Access>> {
  const { tenant, subject } = caller
  const listed = await vault.store.listEvents(tenant, { subject, types, order: 'newest' }, page)
  return { ...listed, rows: await accessesOf(vault, caller, listed.rows) }
}

type AccessLeaf = {
  type: string
  party?: PartyId
  operator?: OperatorId
  device?: DeviceId
  order?: OrderId
  shipment?: ShipmentId
  purpose?: string
  decision?: string
  code?: string
  fields?: FieldViews
}

async function accessesOf(
  vault: Vault,
  { tenant }: PersonCaller,
  events: readonly StoredEvent[],
): Promise<readonly Access[]> {
  const leaves = events.map(({ bytes }) => readLeaf(bytes) as AccessLeaf)
  const names = await namesOfRefs(
    vault.store,
    tenant,
    leaves.flatMap(({ operator, device, order }) => [operator, device, order]),
  )
  const partyIds = [...new Set(leaves.flatMap(({ party }) => party ?? []))]
  const parties = await Promise.all(partyIds.map((id) => vault.store.findParty(tenant, id)))
  const byId = new Map(parties.flatMap((party) => (party ? [[party.id, party] as const] : [])))
  return events.map((event, i) => accessOf(event, leaves[i], byId, names))
}

function accessOf(
  event: StoredEvent,
  leaf: AccessLeaf | undefined,
  parties: ReadonlyMap<PartyId, Party>,
  names: ReadonlyMap<string, string>,
): Access {
  if (!leaf) throw new VaultError('internal', 'Internal error.', { detail: 'an event without its leaf' })
  const { type, operator, device, order, shipment, purpose, decision, code, fields = {} } = leaf
  const party = leaf.party && parties.get(leaf.party)
  return {
    event: event.id,
    at: toRfc3339(event.at),
    type,
    fields,
    party: party
      ? {
          id: party.id,
          name: party.name,
          kind: party.kind,
        }
      : null,
    ...(operator && {
      operator: {
        id: names.get(operator),
        ...(device && { device: names.get(device) }),
      },
    }),
    ...(purpose && { purpose }),
    ...(decision && { decision }),
    ...(code && { code }),
    ...(order && { orderRef: names.get(order) ?? '' }),
    ...(shipment && { shipment }),
  }
}
