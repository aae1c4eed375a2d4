import { VaultError } from '../../core/errors.ts'
import type { FieldError } from '../../core/errors.ts'
import { opaqueId, timedId } from '../../core/id.ts'
import type { CourierId, GrantId, MerchantId, ShipmentId, TenantId, Waybill } from '../../core/id.ts'
import { utcDay } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { expectCaller, record } from '../audit/record.ts'
import { noteTouches, unnamedBy } from '../canaries/note-touches.ts'
import type { Change } from '../changes.ts'
import type { FieldValue } from '../fields/field-type.ts'
import { FIELDS, showField } from '../fields/registry.ts'
import type { FieldName } from '../fields/registry.ts'
import { deliveryGrant } from '../grants/defaults.ts'
import type { TenantKeys } from '../keys/keyring.ts'
import { addNote } from '../notes.ts'
import type { Caller, PartyCaller, PlatformCaller } from '../principals/principal.ts'
import type { Person } from '../records/record.ts'
import { openPerson, personKey } from '../records/values.ts'
import { idsOfRefs, namesOfRefs } from '../refs.ts'
import type { TokenWithPerson } from '../store.ts'
import { tokenStatus } from '../tokens/token.ts'
import { notFound, transact, transactAnew } from '../transact.ts'
import type { Call, MemoPlan, Plan } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { mayMoveOn } from './shipment.ts'
import type { RecipientTokens, Shipment, Stage, StageEntry } from './shipment.ts'

export type NewShipment = { orderRef: string; courier: CourierId; recipient: RecipientTokens }

export type CreatedShipment = {
  id: ShipmentId
  waybill: Waybill
  stage: Stage
  grant: GrantId
  /** Masked, for print: a parcel's label gives nothing away. */
  label: Partial<Record<FieldName, FieldValue>>
}

export type ShipmentView = {
  id: ShipmentId
  orderRef: string
  waybill: Waybill
  stage: Stage
  history: readonly StageEntry[]
}

/** What a repetition of the call needs to know: all but the label, whose values are kept nowhere. */
type Made = Omit<CreatedShipment, 'label'>

const RECIPIENT_FIELDS = ['name', 'phone', 'address'] as const

const LABEL_VIEWS = Object.fromEntries(RECIPIENT_FIELDS.map((field) => [field, FIELDS[field].maskedView]))

/** A parcel on its way to the person behind three of the shop's tokens; the named courier may resolve it, leg by leg. */
export async function createShipment(
  vault: Vault,
  call: Call<PartyCaller>,
  input: NewShipment,
): Promise<CreatedShipment> {
  const { tenant, party } = call.caller
  if (party.kind !== 'merchant') throw new VaultError('forbidden', 'Only a shop makes shipments.')
  const keys = await vault.keyring.tenantKeys(tenant)
  return transactAnew<CreatedShipment, Made>(vault, call, async (made) => {
    if (made) return labelAnew(vault, call.caller, made, input.recipient)
    const now = vault.clock.now()
    const { person, tokensExpireAt } = await recipientOf(vault, call.caller, input.recipient, now)
    const courier = await vault.store.findParty(tenant, input.courier)
    if (courier?.kind !== 'courier') throw invalidAt('/courier', 'not_found', 'No such courier.')
    if (courier.status !== 'active')
      throw new VaultError('state_conflict', `This courier is ${courier.status}.`)
    const from = { store: vault.store, random: vault.random, tenant, party: party.id, now }
    const order = await idsOfRefs(from, 'order', [input.orderRef])
    const orderId = order.ids.get(input.orderRef)
    if (!orderId) throw new Error('an order ref without an id')
    const shipment = newShipment(
      vault,
      { merchant: party.id as MerchantId, order: orderId, person, tokensExpireAt, input },
      now,
    )
    const grant = deliveryGrant(
      shipment.grant,
      { subject: shipment.subject, courier: shipment.courier, shipment: shipment.id },
      now,
    )
    const { id, subject, waybill, stage } = shipment
    const details = { shipment: id, order: orderId, subject, grant: grant.id, fields: LABEL_VIEWS }
    const { append } = record(vault, call.caller, now, { type: 'shipment.created', ...details })
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'expect.party', id: courier.id, version: courier.version },
      { type: 'expect.subject', id: subject, version: person.subject.version },
      { type: 'expect.tokens_live', tokens: Object.values(input.recipient) },
      ...order.changes,
      { type: 'grant.insert', grant },
      { type: 'shipment.insert', shipment },
      { type: 'quota.parcel', party: party.id, day: utcDay(now) },
      { type: 'quota.parcel', party: courier.id, day: utcDay(now) },
      append,
    ]
    const memo = { id, waybill, stage, grant: grant.id }
    return { changes, result: { ...memo, label: labelOf(keys, tenant, person) }, memo }
  })
}

/**
 * The call that made the parcel, once more. Its label is an access like any other, decided by what is true now: empty once the
 * person was erased or a token retired.
 */
async function labelAnew(
  vault: Vault,
  caller: PartyCaller,
  made: Made,
  recipient: RecipientTokens,
): Promise<MemoPlan<CreatedShipment, Made>> {
  const { tenant } = caller
  const now = vault.clock.now()
  const tokens = Object.values(recipient)
  const rows = await vault.store.findTokensWithPersons(tenant, tokens)
  const person = rows[0]?.person
  if (!person || refusals(rows, caller, recipient, now).length > 0) {
    return { changes: [], result: { ...made, label: {} }, memo: made }
  }
  const { id: subject, version } = person.subject
  const details = { decision: 'allowed', subject, shipment: made.id, fields: LABEL_VIEWS } as const
  const changes: Change[] = [
    expectCaller(caller),
    { type: 'expect.subject', id: subject, version },
    { type: 'expect.tokens_live', tokens },
    record(vault, caller, now, { type: 'mask.shown', ...details }).append,
  ]
  const label = labelOf(await vault.keyring.tenantKeys(tenant), tenant, person)
  return { changes, result: { ...made, label }, memo: made }
}

function invalidAt(pointer: string, code: string, message: string): VaultError {
  return new VaultError('invalid_request', message, { errors: [{ pointer, code }] })
}

/** @throws VaultError `invalid_request` naming each token that is not the shop's own live one of that field. */
async function recipientOf(
  vault: Vault,
  caller: PartyCaller,
  recipient: RecipientTokens,
  now: Instant,
): Promise<{ person: Person; tokensExpireAt: Instant | null }> {
  const rows = await vault.store.findTokensWithPersons(caller.tenant, Object.values(recipient))
  const errors = refusals(rows, caller, recipient, now)
  if (errors.length > 0) {
    await logRefused(vault, caller, rows, errors[0]?.code ?? 'token_unknown')
    throw new VaultError('invalid_request', 'A token cannot be used here.', { errors })
  }
  const [first, ...others] = rows.map((row) => row.person)
  if (!first || others.some((person) => person.subject.id !== first.subject.id)) {
    throw invalidAt('/recipient', 'recipient_mixed', 'The three tokens belong to more than one person.')
  }
  const ends = rows.flatMap(({ token }) => token.expiresAt ?? [])
  return { person: first, tokensExpireAt: ends.length > 0 ? (Math.min(...ends) as Instant) : null }
}

/** A refusal names nobody, not even whose tokens were tried. */
async function logRefused(
  vault: Vault,
  caller: PartyCaller,
  rows: readonly TokenWithPerson[],
  code: string,
): Promise<void> {
  const details = { type: 'call.refused', decision: 'denied', code } as const
  const { event, append } = record(vault, caller, vault.clock.now(), details)
  const touches = await noteTouches(vault, caller.tenant, 'label', unnamedBy(event.id, rows))
  await vault.store.commit(caller.tenant, [append, ...touches])
}

function refusals(
  rows: readonly TokenWithPerson[],
  caller: PartyCaller,
  recipient: RecipientTokens,
  now: Instant,
): readonly FieldError[] {
  const found = new Map(rows.map((row) => [row.token.token, row]))
  return RECIPIENT_FIELDS.flatMap((field) => {
    const code = refusalOf(found.get(recipient[field]), caller, field, now)
    return code ? [{ pointer: `/recipient/${field}`, code }] : []
  })
}

function refusalOf(
  row: TokenWithPerson | undefined,
  caller: PartyCaller,
  field: FieldName,
  now: Instant,
): string | undefined {
  if (!row || row.token.party !== caller.party.id) return 'token_unknown'
  if (row.token.field !== field) return 'token_of_another_field'
  const status = tokenStatus(
    row.token,
    row.person.fields.some((sealed) => sealed.field === field),
    now,
  )
  return status === 'live' ? undefined : `token_${status}`
}

/** A parcel as it begins. */
export function newShipment(
  vault: Vault,
  of: Pick<Shipment, 'merchant' | 'order' | 'tokensExpireAt'> & {
    person: { subject: Pick<Person['subject'], 'id'> }
    input: NewShipment
  },
  now: Instant,
): Shipment {
  return {
    id: timedId('shp', vault.random, now),
    merchant: of.merchant,
    courier: of.input.courier,
    order: of.order,
    waybill: opaqueId('wb', vault.random),
    subject: of.person.subject.id,
    grant: timedId('grt', vault.random, now),
    recipient: of.input.recipient,
    tokensExpireAt: of.tokensExpireAt,
    tokensRetiredAt: null,
    stage: 'created',
    stageAt: now,
    version: 1,
    createdAt: now,
  }
}

function labelOf(keys: TenantKeys, tenant: TenantId, person: Person): CreatedShipment['label'] {
  const values = openPerson(personKey(keys, tenant, person), tenant, person, RECIPIENT_FIELDS)
  const locale = person.subject.locale ?? undefined
  return Object.fromEntries(
    [...values].map(([field, value]) => {
      return [field, showField(field, value as never, FIELDS[field].maskedView, { locale })]
    }),
  )
}

export async function findShipment(vault: Vault, caller: Caller, id: ShipmentId): Promise<ShipmentView> {
  const shipment = await shipmentFor(vault, caller, id)
  const [history, names] = await Promise.all([
    vault.store.listStages(caller.tenant, id),
    namesOfRefs(vault.store, caller.tenant, [shipment.order]),
  ])
  const { waybill, stage, order } = shipment
  return { id, orderRef: names.get(order) ?? '', waybill, stage, history }
}

/** @throws VaultError `not_found` also for a parcel that is another party's. */
async function shipmentFor(vault: Vault, caller: Caller, id: ShipmentId): Promise<Shipment> {
  const shipment = await vault.store.findShipment(caller.tenant, id)
  if (!shipment || !mayLook(caller, shipment)) throw notFound('shipment')
  return shipment
}

function mayLook(caller: Caller, shipment: Shipment): boolean {
  if (caller.kind === 'platform') return true
  return (
    caller.kind === 'party' &&
    [shipment.merchant, shipment.courier].some((party) => party === caller.party.id)
  )
}

/** The courier, or the platform for it, says how far the parcel is. */
export async function moveShipment(
  vault: Vault,
  call: Call<PlatformCaller | PartyCaller>,
  id: ShipmentId,
  move: { stage: Stage; reason?: string },
): Promise<ShipmentView> {
  const { caller } = call
  return transact(vault, call, async (): Promise<Plan<ShipmentView>> => {
    const shipment = await shipmentFor(vault, caller, id)
    if (caller.kind === 'party' && caller.party.id !== shipment.courier) {
      throw new VaultError('forbidden', 'Only its courier moves a shipment.')
    }
    if (!mayMoveOn(shipment.stage, move.stage)) {
      throw new VaultError(
        'state_conflict',
        `A shipment that is ${shipment.stage} cannot become ${move.stage}.`,
      )
    }
    const now = vault.clock.now()
    const details = { shipment: id, order: shipment.order, subject: shipment.subject, code: move.stage }
    const { append } = record(vault, caller, now, { type: 'shipment.moved', ...details })
    const changes: Change[] = [
      expectCaller(caller),
      { type: 'shipment.move', id, expectedVersion: shipment.version, stage: move.stage, at: now },
      ...(await reasonNote(vault, caller.tenant, shipment, move.reason, now)),
      append,
    ]
    const before = await findShipment(vault, caller, id)
    const history = [...before.history, { stage: move.stage, at: now }]
    return { changes, result: { ...before, stage: move.stage, history } }
  })
}

async function reasonNote(
  vault: Vault,
  tenant: TenantId,
  shipment: Shipment,
  text: string | undefined,
  now: Instant,
): Promise<readonly Change[]> {
  if (text === undefined) return []
  const person = await vault.store.findPerson(tenant, shipment.subject)
  // An erased person has no key any more, and a reason about a parcel that nobody waits for is not worth keeping plain.
  if (!person?.dataKey) return []
  const key = personKey(await vault.keyring.tenantKeys(tenant), tenant, person)
  const { id, version } = person.subject
  // Erased in between, the person gets no note: nothing is ever added to one who is gone.
  return [
    { type: 'expect.subject', id, version },
    addNote(key, { tenant, about: shipment.id, subject: id, text }, now),
  ]
}
