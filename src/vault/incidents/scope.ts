import { VaultError } from '../../core/errors.ts'
import type { CredentialId, DeviceId, IncidentId, OperatorId, PartyId, TenantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { EventType } from '../audit/event.ts'
import type { View } from '../fields/field-type.ts'
import { FIELD_NAMES } from '../fields/registry.ts'
import type { FieldName } from '../fields/registry.ts'
import type { FieldViews } from '../grants/grant.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import { namesOfRefs } from '../refs.ts'
import { notFound } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { copiedStore } from './copied-store.ts'
import type { CopiedStore } from './copied-store.ts'
import { disclosures, nextTurn } from './disclosures.ts'
import type { Disclosure } from './disclosures.ts'
import { hasNoSuspects } from './incident.ts'
import type { Incident } from './incident.ts'
import { Counter, PersonSet } from './tally.ts'

export type Counted = { events: number; subjects: number }

/** Where a person's language or jurisdiction is not known, or was erased. */
export const UNKNOWN = 'unknown'

export type Scope = Counted & {
  /** Of the subjects; they count under no jurisdiction and no language any more. */
  erased: number
  firstAt: Instant | null
  lastAt: Instant | null
  byJurisdiction: readonly (readonly [string, number])[]
  byLanguage: readonly (readonly [string, number])[]
  byField: readonly { field: FieldName; view: View; counted: Counted }[]
  byView: readonly (readonly [View, number])[]
  byType: readonly (readonly [EventType, number])[]
  byParty: readonly (readonly [PartyId | 'platform' | 'person', number])[]
  byCredential: readonly (readonly [CredentialId, number])[]
  byOperator: readonly (readonly [string, number])[]
  byDevice: readonly (readonly [string, number])[]
  /** Only where the store itself, or a key, got into wrong hands. */
  copied: CopiedStore | null
}

type Shown = { field: FieldName; view: View; events: number; persons: PersonSet }

/** Adds up disclosures as they come. What it holds grows with persons by a bit each, and with names of operators. */
export class Tally {
  readonly persons = new PersonSet()
  readonly #shown = new Map<string, Shown>()
  /** By the views of an event, which are one object for all events that show as much. */
  readonly #shownBy = new Map<FieldViews, readonly Shown[]>()
  readonly views = new Counter<View>()
  readonly types = new Counter<EventType>()
  readonly parties = new Counter<PartyId | 'platform' | 'person'>()
  readonly credentials = new Counter<CredentialId>()
  readonly operators = new Counter<OperatorId>()
  readonly devices = new Counter<DeviceId>()
  events = 0
  firstAt: Instant | null = null
  lastAt: Instant | null = null

  add({ at, type, person, party, credential, operator, device, fields }: Disclosure): void {
    this.events += 1
    this.persons.add(person)
    this.types.add(type)
    this.parties.add(party ?? (credential ? 'platform' : 'person'))
    this.credentials.add(credential)
    this.operators.add(operator)
    this.devices.add(device)
    for (const shown of this.#shownAt(fields)) {
      this.views.add(shown.view)
      shown.events += 1
      shown.persons.add(person)
    }
    if (this.firstAt === null || at < this.firstAt) this.firstAt = at
    if (this.lastAt === null || at > this.lastAt) this.lastAt = at
  }

  #shownAt(fields: FieldViews): readonly Shown[] {
    const known = this.#shownBy.get(fields)
    if (known) return known
    const shown = FIELD_NAMES.flatMap((field) => {
      const view = fields[field]
      return view === undefined || view === 'none' ? [] : this.#countOf(field, view)
    })
    this.#shownBy.set(fields, shown)
    return shown
  }

  #countOf(field: FieldName, view: View): Shown {
    const name = `${field} ${view}`
    const shown = this.#shown.get(name) ?? { field, view, events: 0, persons: new PersonSet() }
    this.#shown.set(name, shown)
    return shown
  }

  get byField(): Scope['byField'] {
    return [...this.#shown.values()].map(({ field, view, events, persons }) => ({
      field,
      view,
      counted: { events, subjects: persons.size },
    }))
  }
}

/** A question without suspects is about everybody who looked: it needs a window, or it is about all that ever was. */
export function requireBounds(incident: Incident): void {
  if (hasBounds(incident)) return
  throw new VaultError('state_conflict', 'Name suspects or a whole window first: assess the incident.')
}

export function hasBounds({ suspects, occurredFrom, occurredTo }: Incident): boolean {
  return !hasNoSuspects(suspects) || (occurredFrom !== null && occurredTo !== null)
}

/** Whose leak is one of the store or of keys, rather than of somebody who looked. */
export function isOfTheStore({ kind, suspects }: Incident): boolean {
  return kind === 'copied_store' || kind === 'key_compromise' || suspects.keys.length > 0
}

/** Whether there is a question to the log at all: a copied store need not have been looked into by anybody. */
export function asksTheLog(incident: Incident): boolean {
  return !isOfTheStore(incident) || !hasNoSuspects(incident.suspects)
}

export async function findScope(vault: Vault, caller: PlatformCaller, id: IncidentId): Promise<Scope> {
  const { tenant } = caller
  const incident = await vault.store.findIncident(tenant, id)
  if (!incident) throw notFound('incident')
  const tally = new Tally()
  if (asksTheLog(incident)) {
    requireBounds(incident)
    for await (const some of disclosures(vault, tenant, incident)) for (const one of some) tally.add(one)
  }
  const people = await countPeople(vault, tenant, tally.persons)
  return {
    events: tally.events,
    subjects: tally.persons.size,
    erased: people.erased,
    firstAt: tally.firstAt,
    lastAt: tally.lastAt,
    byJurisdiction: people.jurisdictions.entries(),
    byLanguage: people.languages.entries(),
    byField: tally.byField,
    byView: tally.views.entries(),
    byType: tally.types.entries(),
    byParty: tally.parties.entries(),
    byCredential: tally.credentials.entries(),
    byOperator: await named(vault, caller, tally.operators),
    byDevice: await named(vault, caller, tally.devices),
    copied: isOfTheStore(incident) ? await copiedStore(vault, tenant, incident) : null,
  }
}

export async function countPeople(vault: Vault, tenant: TenantId, persons: PersonSet) {
  const jurisdictions = new Counter()
  const languages = new Counter()
  let erased = 0
  for (const { first, last } of persons.stretches()) {
    for (const facts of await vault.store.listPersonFacts(tenant, first, last)) {
      if (!persons.has(facts.person)) continue
      if (facts.state === 'erased') erased += 1
      jurisdictions.add(facts.jurisdiction ?? UNKNOWN)
      languages.add(facts.locale ?? UNKNOWN)
    }
    await nextTurn()
  }
  return { jurisdictions, languages, erased }
}

/** By the callers' own names, as the log's readers know them; two parties' operators of one name stay two. */
async function named(
  vault: Vault,
  { tenant }: PlatformCaller,
  counter: Counter<OperatorId> | Counter<DeviceId>,
): Promise<readonly (readonly [string, number])[]> {
  const names = await namesOfRefs(vault.store, tenant, counter.words)
  return counter.entries().map(([id, events]) => [names.get(id) ?? id, events] as const)
}
