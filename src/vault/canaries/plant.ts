import { VaultError } from '../../core/errors.ts'
import type {
  CourierId,
  GrantId,
  MerchantId,
  OrderId,
  ShipmentId,
  SubjectId,
  Token,
  Waybill,
} from '../../core/id.ts'
import { toHex } from '../../core/bytes.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import type { FieldName } from '../fields/registry.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import { Batch, isTaken, readItem } from '../records/tokenize.ts'
import type { Taken } from '../records/tokenize.ts'
import { expiryOf } from '../tokens/token.ts'
import type { Linkability } from '../tokens/token.ts'
import { notFound, transact } from '../transact.ts'
import type { Call, Plan } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { parcelFor } from './parcel.ts'
import { Chance } from './people/chance.ts'
import { makeUp } from './people/people.ts'
import type { MadeUp, MadeUpLocale } from './people/people.ts'
import { filledIn } from './people/template.ts'

export type Planting = {
  party: MerchantId
  linkability: Linkability
  /** Undefined: one of chance. */
  seed?: string | undefined
  /** Made up, or given as they are. */
  people:
    | {
        count: number
        locale: MadeUpLocale
        email?: string | undefined
        phones?: readonly string[] | undefined
      }
    | { persons: readonly unknown[]; locale?: string | undefined; jurisdiction?: string | undefined }
  /** A parcel for each, to be carried by this one. */
  parcels?: { courier: CourierId; orderRef: string } | undefined
}

export type Planted = {
  subject: SubjectId
  tokens: Partial<Record<FieldName, Token>>
  /** As it was made up, or given. */
  person: unknown
  parcel?: { id: ShipmentId; waybill: Waybill; grant: GrantId; orderRef: string }
}

const SEED_BYTES = 16

/**
 * Stores people who do not exist the way that anybody is stored, with the events that anybody's storing has, and keeps apart, in the
 * same commit, that they are canaries.
 */
export async function plant(
  vault: Vault,
  call: Call<PlatformCaller>,
  planting: Planting,
): Promise<readonly Planted[]> {
  const { tenant } = call.caller
  const keys = await vault.keyring.tenantKeys(tenant)
  return transact(vault, call, async (): Promise<Plan<readonly Planted[]>> => {
    const party = await vault.store.findParty(tenant, planting.party)
    if (party?.kind !== 'merchant') throw notFound('party')
    if (party.status === 'terminated') {
      throw new VaultError('state_conflict', 'A terminated shop gets no tokens.')
    }
    const now = vault.clock.now()
    const seed = planting.seed ?? toHex(vault.random(SEED_BYTES))
    const people = peopleOf(planting.people, seed)
    const taken = people.map((one, nth) => takenFrom(one, nth, 'persons' in planting.people))
    const { party: merchant, linkability } = planting
    const batch = new Batch({ vault, keys, call, merchant, owner: 'platform', linkability }, now)
    const stored = taken.map((one) => batch.take(one))
    const planted: Planted[] = []
    const changes: Change[] = []
    for (const [nth, item] of stored.entries()) {
      if (item.status === 'error' || item.subject === undefined) throw new Error('a person without an id')
      const { subject, tokens } = item
      const canary = {
        subject,
        party: merchant,
        plantedAt: now,
        retiredAt: null,
        touches: 0,
        touchedAt: null,
      }
      const { append } = record(vault, call.caller, now, { type: 'canary.planted', subject })
      changes.push({ type: 'canary.insert', canary }, append)
      planted.push({ subject, tokens, person: people[nth]?.person })
    }
    const parcels = await parcelsFor(vault, call.caller, planting, seed, planted)
    return {
      changes: [
        expectCaller(call.caller),
        { type: 'expect.party', id: merchant, version: party.version },
        ...batch.changes(),
        ...changes,
        ...parcels.changes,
      ],
      result: planted.map((one, nth) => {
        const parcel = parcels.made[nth]
        return parcel ? { ...one, parcel } : one
      }),
    }
  })
}

type Given = { person: unknown; locale?: string | undefined; jurisdiction?: string | undefined }

function peopleOf(people: Planting['people'], seed: string): readonly (MadeUp | Given)[] {
  if ('persons' in people) {
    const { locale, jurisdiction } = people
    return people.persons.map((person) => ({ person, locale, jurisdiction }))
  }
  return Array.from({ length: people.count }, (_, nth) => makeUp({ ...people, seed }, nth))
}

/** @throws VaultError `invalid_request` naming each fault, where the caller gave what leads to it. */
function takenFrom({ person, locale, jurisdiction }: Given, nth: number, isGiven: boolean): Taken {
  const read = readItem({
    key: String(nth),
    person,
    ...(locale !== undefined && { locale }),
    ...(jurisdiction !== undefined && { jurisdiction }),
  })
  if (isTaken(read)) return read
  const where = isGiven ? `/given/persons/${nth}` : '/made_up'
  const errors = read.errors.map((error) => ({
    ...error,
    pointer: where + error.pointer.slice('/person'.length),
  }))
  throw new VaultError('invalid_request', 'A person cannot be taken.', { errors })
}

type Parcels = { changes: readonly Change[]; made: readonly NonNullable<Planted['parcel']>[] }

async function parcelsFor(
  vault: Vault,
  caller: PlatformCaller,
  { party, linkability, parcels }: Planting,
  seed: string,
  planted: readonly Planted[],
): Promise<Parcels> {
  if (!parcels) return { changes: [], made: [] }
  const { courier, orderRef } = parcels
  const tokensExpireAt = expiryOf(linkability, vault.clock.now())
  const made = []
  const changes: Change[] = []
  const known = new Map<string, OrderId>()
  for (const [nth, { subject, tokens }] of planted.entries()) {
    const ref = filledIn(orderRef, new Chance(`order\n${seed}\n${nth}`))
    const parcel = await parcelFor(vault, caller, {
      merchant: party,
      courier,
      subject,
      tokens,
      tokensExpireAt,
      orderRef: ref,
      known,
    })
    changes.push(...parcel.changes)
    made.push(parcel.made)
  }
  return { changes, made }
}
