import { VaultError } from '../../core/errors.ts'
import type { MerchantId, ShipmentId, SubjectId, Token, Waybill } from '../../core/id.ts'
import type { Purpose } from '../../core/purpose.ts'
import { DAY_MS, after } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import { parsePerson } from '../fields/registry.ts'
import type { FieldName } from '../fields/registry.ts'
import { covers } from '../grants/defaults.ts'
import type { TenantKeys } from '../keys/keyring.ts'
import { findByTerm } from '../keys/look-up.ts'
import type { PartyCaller, PlatformCaller } from '../principals/principal.ts'
import { readQuota } from '../quota/quota.ts'
import type { Person } from '../records/record.ts'
import { indexTerm, openPerson, personKey } from '../records/values.ts'
import { idsOfRefs, namesOfRefs } from '../refs.ts'
import type { Shipment, Stage } from '../shipments/shipment.ts'
import { transactAnew } from '../transact.ts'
import type { Call } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { clearingHint, stopOf } from '../watch/hold.ts'
import { slowDown } from '../watch/slow.ts'

/** What is looked for. The last four digits of a phone find nothing without the order they belong to. */
export type SearchTerm = { phone: string } | { email: string } | { phoneLast4: string; orderRef: string }

export type SearchInput = { purpose: Purpose; term: SearchTerm; since?: Instant; limit: number }

export type SearchHit = {
  /** To the platform only. */
  subject?: SubjectId
  /** The shop's own live tokens of the person. */
  tokens: Partial<Record<FieldName, Token>>
  orders: readonly {
    orderRef: string
    /** To the platform only: a shop asks for its own. */
    merchant?: MerchantId
    shipment: ShipmentId
    waybill: Waybill
    stage: Stage
    createdAt: Instant
  }[]
}

type SearchCaller = PartyCaller | PlatformCaller

/** A shop's look-up reaches this far back and no further. */
export const SEARCH_REACH_MS = 90 * DAY_MS
export const MAX_SEARCH_HITS = 100

/** 32-bit index entries collide, and one value may be many persons'; past this many candidates a search is no search. */
const MAX_CANDIDATES = 1_000

/** From a value that the caller knows to its own tokens and orders. Logged whatever it finds; costs a shop one of its quota. */
export async function search(
  vault: Vault,
  call: Call<SearchCaller>,
  input: SearchInput,
): Promise<readonly SearchHit[]> {
  const { caller } = call
  if (caller.kind === 'party' && caller.party.kind !== 'merchant') {
    throw new VaultError('forbidden', 'Only the platform and shops search.')
  }
  if (!covers('order', input.purpose)) {
    const errors = [{ pointer: '/purpose', code: 'purpose_not_allowed' }]
    throw new VaultError('invalid_request', 'This purpose allows no search.', { errors })
  }
  const keys = await vault.keyring.tenantKeys(caller.tenant)
  return transactAnew<readonly SearchHit[], null>(vault, call, async (paid) => {
    const now = vault.clock.now()
    await refuseIfHeld(vault, caller, now)
    // A repetition finds the null that the first one left: it was paid for.
    const charge = paid === undefined ? await chargeFor(vault, caller, now) : []
    const since = reach(caller, input.since, now)
    const persons = await matches(vault, keys, caller, input.term, now)
    const all = await Promise.all(persons.map((person) => hitOf(vault, caller, person, since, now)))
    const hits = all.filter((hit) => hit !== undefined).slice(0, input.limit)
    const { purpose } = input
    const said = [
      { type: 'tokens.searched', purpose, counts: { hits: hits.length } } as const,
      ...hits.map(({ subject }) => ({ type: 'search.matched', purpose, subject }) as const),
    ].map((details) => record(vault, caller, now, details).append)
    const result = hits.map(({ subject, ...hit }) => (caller.kind === 'platform' ? { subject, ...hit } : hit))
    return { changes: [expectCaller(caller), ...charge, ...said], result, memo: null }
  })
}

/** A search shows nothing that a shop does not have; what is held is that it goes on looking. */
async function refuseIfHeld(vault: Vault, caller: SearchCaller, now: Instant): Promise<void> {
  if (caller.kind === 'platform') return
  const looking = [caller.credential, caller.party.id]
  const held = await vault.store.findHolds(caller.tenant, looking, now)
  slowDown(vault, held, looking, now)
  const stop = stopOf(held)
  if (stop?.code === 'risk_denied') throw new VaultError('risk_denied', clearingHint(stop))
}

function reach(caller: SearchCaller, since: Instant | undefined, now: Instant): Instant {
  const asked = since ?? after(now, -SEARCH_REACH_MS)
  return caller.kind === 'party' && asked < now - SEARCH_REACH_MS ? after(now, -SEARCH_REACH_MS) : asked
}

async function chargeFor(vault: Vault, caller: SearchCaller, now: Instant): Promise<readonly Change[]> {
  if (caller.kind === 'platform') return []
  const party = caller.party.id
  const { limit, remaining, day, resetsAt } = await readQuota(vault, caller.tenant, party, now)
  if (remaining < 1) {
    const retryAfterS = Math.ceil((resetsAt - now) / 1000)
    throw new VaultError('quota_exhausted', `Today's ${limit} look-ups are used up.`, { retryAfterS })
  }
  return [{ type: 'quota.charge', party, day, limit, cost: 1 }]
}

async function matches(
  vault: Vault,
  keys: TenantKeys,
  caller: SearchCaller,
  term: SearchTerm,
  now: Instant,
): Promise<readonly Person[]> {
  if ('phoneLast4' in term) return matchesByOrder(vault, keys, caller, term, now)
  const [field, value] = 'phone' in term ? (['phone', term.phone] as const) : (['email', term.email] as const)
  const parsed = parsePerson({ [field]: value })
  if (!parsed.ok) {
    const errors = parsed.errors.map(({ code }) => ({ pointer: `/${field}`, code }))
    throw new VaultError('invalid_request', 'This cannot be searched for.', { errors })
  }
  const wanted = indexTerm(field, parsed.person[field] ?? '')
  const asked = { field, term: wanted, limit: MAX_CANDIDATES }
  const candidates = await findByTerm(vault.store, keys, caller.tenant, asked)
  const ids = await ofCaller(vault, caller, candidates)
  const persons = await vault.store.findPersons(caller.tenant, ids)
  return persons.filter((person) => termOf(keys, caller, person, field) === wanted)
}

/**
 * A shop's own people alone are opened: were others', the time that a search takes would tell a shop that somebody else's
 * customer has this number.
 */
async function ofCaller(
  vault: Vault,
  caller: SearchCaller,
  ids: readonly SubjectId[],
): Promise<readonly SubjectId[]> {
  if (caller.kind === 'platform' || ids.length === 0) return ids
  const tokens = await vault.store.listTokensOf(caller.tenant, ids, caller.party.id)
  const own = new Set(tokens.map(({ subject }) => subject))
  return ids.filter((id) => own.has(id))
}

function termOf(
  keys: TenantKeys,
  caller: SearchCaller,
  person: Person,
  field: 'phone' | 'email',
): string | undefined {
  const { tenant } = caller
  if (!person.dataKey) return undefined
  const value = openPerson(personKey(keys, tenant, person), tenant, person, [field]).get(field)
  return value === undefined ? undefined : indexTerm(field, value)
}

async function matchesByOrder(
  vault: Vault,
  keys: TenantKeys,
  caller: SearchCaller,
  term: { phoneLast4: string; orderRef: string },
  now: Instant,
): Promise<readonly Person[]> {
  if (caller.kind !== 'party') {
    const errors = [{ pointer: '/order_ref', code: 'shop_only' }]
    throw new VaultError('invalid_request', "An order's reference is a shop's own.", { errors })
  }
  const { tenant, party } = caller
  const from = { store: vault.store, random: vault.random, tenant, party: party.id, now }
  const { ids, changes } = await idsOfRefs(from, 'order', [term.orderRef])
  const order = ids.get(term.orderRef)
  if (!order || changes.length > 0) return []
  const shipments = await vault.store.findShipmentsByOrder(tenant, party.id, order)
  const persons = await vault.store.findPersons(tenant, [...new Set(shipments.map(({ subject }) => subject))])
  return persons.filter((person) => termOf(keys, caller, person, 'phone')?.endsWith(term.phoneLast4) === true)
}

/** What the caller may know of one match; undefined where it has nothing of its own there. */
async function hitOf(
  vault: Vault,
  caller: SearchCaller,
  person: Person,
  since: Instant,
  now: Instant,
): Promise<(SearchHit & { subject: SubjectId }) | undefined> {
  const { id } = person.subject
  const own =
    caller.kind === 'party' ? await vault.store.listTokensOf(caller.tenant, [id], caller.party.id) : []
  const live = own.filter((t) => t.issuedAt >= since && (t.expiresAt === null || t.expiresAt > now))
  const all = await vault.store.listShipmentsOf(caller.tenant, id)
  const shipments = all.filter((shipment) => mayKnow(caller, shipment) && shipment.createdAt >= since)
  if (caller.kind === 'party' && live.length === 0) return undefined
  const names = await namesOfRefs(
    vault.store,
    caller.tenant,
    shipments.map(({ order }) => order),
  )
  const oldestFirst = live.toSorted((a, b) => a.issuedAt - b.issuedAt)
  return {
    subject: id,
    tokens: Object.fromEntries(oldestFirst.map(({ field, token }) => [field, token])),
    orders: shipments.map(({ id: shipment, merchant, order, waybill, stage, createdAt }) => {
      const whose = caller.kind === 'platform' ? { merchant } : {}
      return { orderRef: names.get(order) ?? '', ...whose, shipment, waybill, stage, createdAt }
    }),
  }
}

function mayKnow(caller: SearchCaller, shipment: Shipment): boolean {
  return caller.kind === 'platform' || shipment.merchant === caller.party.id
}
