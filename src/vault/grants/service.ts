import { VaultError } from '../../core/errors.ts'
import { timedId } from '../../core/id.ts'
import type { EventId, GrantId, PartyId, ShipmentId, SubjectId } from '../../core/id.ts'
import type { Purpose } from '../../core/purpose.ts'
import { toRfc3339 } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import { isView } from '../fields/registry.ts'
import type { FieldName } from '../fields/registry.ts'
import { addNote } from '../notes.ts'
import type { PersonCaller, PlatformCaller } from '../principals/principal.ts'
import { personKey } from '../records/values.ts'
import { isOver } from '../shipments/shipment.ts'
import type { Shipment } from '../shipments/shipment.ts'
import { notFound, transact } from '../transact.ts'
import type { Call, Plan } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { PURPOSE_FIELDS } from './defaults.ts'
import type { Basis, FieldViews, Grant } from './grant.ts'

export type NewGrant = {
  subject: SubjectId
  party: PartyId
  purpose: Purpose
  fields: FieldViews
  basis: Basis
  from?: Instant
  until: Instant
  usesMax?: number
}

/** A revocation's receipt: when, where it stands in the log, and what else it stopped. */
export type Revoked = {
  revokedAt: string
  event: EventId
  tokensRetired: number
  shipmentsAffected: readonly ShipmentId[]
}

export async function giveGrant(vault: Vault, call: Call<PlatformCaller>, input: NewGrant): Promise<Grant> {
  const { tenant } = call.caller
  return transact(vault, call, async (): Promise<Plan<Grant>> => {
    const now = vault.clock.now()
    refuseSenselessGrant(input, now)
    const [person, party] = await Promise.all([
      vault.store.findPerson(tenant, input.subject),
      vault.store.findParty(tenant, input.party),
    ])
    if (!person || person.subject.state === 'erased') throw notFound('person')
    if (!party) throw notFound('party')
    if (party.status === 'terminated')
      throw new VaultError('state_conflict', 'A terminated party gets no grant.')
    const { subject, purpose, fields, basis, from = now, until, usesMax = null } = input
    const id = timedId('grt', vault.random, now)
    const grant: Grant = {
      id,
      subject,
      party: party.id,
      purpose,
      fields,
      basis,
      origin: 'platform',
      shipment: null,
      from,
      until,
      usesMax,
      uses: 0,
      paidAt: null,
      revokedAt: null,
      version: 1,
      createdAt: now,
    }
    const details = { subject, party: party.id, grant: id, purpose, fields }
    const { append } = record(vault, call.caller, now, { type: 'grant.given', ...details })
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'expect.party', id: party.id, version: party.version },
      { type: 'expect.subject', id: subject, version: person.subject.version },
      { type: 'grant.insert', grant },
      append,
    ]
    return { changes, result: grant }
  })
}

function refuseSenselessGrant(input: NewGrant, now: Instant): void {
  const errors = Object.entries(input.fields).flatMap(([field, view]) => {
    const pointer = `/fields/${field}`
    if (!isView(field as FieldName, view)) return [{ pointer, code: 'view_unknown' }]
    const needed = PURPOSE_FIELDS[input.purpose].includes(field as FieldName)
    return needed ? [] : [{ pointer, code: 'field_not_for_purpose' }]
  })
  if (Object.keys(input.fields).length === 0) errors.push({ pointer: '/fields', code: 'too_few' })
  if (input.until <= (input.from ?? now) || input.until <= now)
    errors.push({ pointer: '/until', code: 'too_early' })
  if (errors.length > 0)
    throw new VaultError('invalid_request', 'This grant would allow nothing sensible.', { errors })
}

export async function listGrants(
  vault: Vault,
  caller: PlatformCaller | PersonCaller,
  subject: SubjectId,
): Promise<readonly Grant[]> {
  const person = await vault.store.findPerson(caller.tenant, subject)
  if (!person) throw notFound('person')
  return vault.store.listGrantsOf(caller.tenant, subject)
}

/**
 * Ends a grant, for good. Ending a shop's standing permission retires the tokens it holds of the person as well, and so
 * stops its parcels that are still on their way: their couriers resolve nothing any more.
 */
export async function revokeGrant(
  vault: Vault,
  call: Call<PlatformCaller | PersonCaller>,
  id: GrantId,
  reason?: string,
): Promise<Revoked> {
  const { tenant } = call.caller
  return transact(vault, call, async (): Promise<Plan<Revoked>> => {
    const grant = await vault.store.findGrant(tenant, id)
    if (!grant || !mayRevoke(call.caller, grant)) throw notFound('grant')
    if (grant.revokedAt !== null) throw new VaultError('state_conflict', 'This grant was revoked before.')
    const now = vault.clock.now()
    const affected = await whatElseStops(vault, tenant, grant)
    const counts = { tokens_retired: affected.tokens, shipments_affected: affected.shipments.length }
    const details = { subject: grant.subject, party: grant.party, grant: id, purpose: grant.purpose, counts }
    const { event, append } = record(vault, call.caller, now, { type: 'grant.revoked', ...details })
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'grant.revoke', id, expectedVersion: grant.version, at: now },
      ...retirement(grant, affected.tokens, now),
      ...(reason === undefined ? [] : [await reasonNote(vault, tenant, grant, reason, now)]),
      append,
    ]
    const shipmentsAffected = affected.shipments.map((shipment) => shipment.id)
    const receipt = {
      revokedAt: toRfc3339(now),
      event: event.id,
      tokensRetired: affected.tokens,
      shipmentsAffected,
    }
    return { changes, result: receipt }
  })
}

function mayRevoke(caller: PlatformCaller | PersonCaller, grant: Grant): boolean {
  return caller.kind === 'platform' || caller.subject === grant.subject
}

async function whatElseStops(
  vault: Vault,
  tenant: PlatformCaller['tenant'],
  grant: Grant,
): Promise<{ tokens: number; shipments: readonly Shipment[] }> {
  const [shipments, grants] = await Promise.all([
    vault.store.listShipmentsOf(tenant, grant.subject),
    vault.store.listGrantsOf(tenant, grant.subject),
  ])
  const stopped = new Set(grants.filter(({ revokedAt }) => revokedAt !== null).map(({ id }) => id))
  const open = shipments.filter(
    ({ stage, grant: own }) => !isOver(stage) && stage !== 'delivered' && !stopped.has(own),
  )
  if (grant.origin !== 'tokenize') return { tokens: 0, shipments: open.filter((s) => s.grant === grant.id) }
  const tokens = await vault.store.listTokensOf(tenant, [grant.subject], grant.party)
  return { tokens: tokens.length, shipments: open.filter((shipment) => shipment.merchant === grant.party) }
}

function retirement(grant: Grant, expected: number, at: Instant): Change[] {
  if (grant.origin !== 'tokenize') return []
  return [{ type: 'tokens.retire', subject: grant.subject, party: grant.party, expected, at }]
}

async function reasonNote(
  vault: Vault,
  tenant: PlatformCaller['tenant'],
  grant: Grant,
  text: string,
  now: Instant,
): Promise<Change> {
  const { subject } = grant
  const person = await vault.store.findPerson(tenant, subject)
  if (!person) throw notFound('grant')
  const key = personKey(await vault.keyring.tenantKeys(tenant), tenant, person)
  return addNote(key, { tenant, about: subject, subject, text }, now)
}
