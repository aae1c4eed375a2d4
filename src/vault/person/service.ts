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
import { namesOfRefs } from '../refs.ts'
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
  'person.viewed',
  'person.exported',
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
  accesses: readonly Access[]
}

/** Everything held on the person, in one piece: data, permissions, and every access so far. */
export async function exportOwn(vault: Vault, caller: PersonCaller): Promise<OwnExport> {
  const data = await openOwn(vault, caller, 'person.exported')
  const grants = await vault.store.listGrantsOf(caller.tenant, caller.subject)
  const accesses: Access[] = []
  for (let after: string | null | undefined; after !== null;) {
    const page = await listOwnAccesses(vault, caller, { limit: EXPORT_PAGE, ...(after && { after }) })
    accesses.push(...page.rows)
    after = page.next
  }
  return { ...data, exportedAt: toRfc3339(vault.clock.now()), grants, accesses }
}

const EXPORT_PAGE = 1_000

/** Newest first. */
export async function listOwnAccesses(
  vault: Vault,
  caller: PersonCaller,
  page: Page,
): Promise<Listed<Access>> {
  const { tenant, subject } = caller
  const filter = { subject, types: ACCESS_TYPES, order: 'newest' } as const
  const listed = await vault.store.listEvents(tenant, filter, page)
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
    ...{ event: event.id, at: toRfc3339(event.at), type, fields },
    party: party ? { id: party.id, name: party.name, kind: party.kind } : null,
    ...(operator && { operator: { id: names.get(operator), ...(device && { device: names.get(device) }) } }),
    ...(purpose && { purpose }),
    ...(decision && { decision }),
    ...(code && { code }),
    ...(order && { orderRef: names.get(order) ?? '' }),
    ...(shipment && { shipment }),
  }
}
