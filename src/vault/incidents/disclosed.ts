import type { CredentialId, DeviceId, OperatorId, PartyId, TenantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { EventType } from '../audit/event.ts'
import type { View } from '../fields/field-type.ts'
import { FIELD_NAMES } from '../fields/registry.ts'
import type { FieldName } from '../fields/registry.ts'
import type { FieldViews } from '../grants/grant.ts'
import type { Vault } from '../vault.ts'
import { asksTheLog, hasBounds } from './bounds.ts'
import { disclosures } from './disclosures.ts'
import type { Disclosure } from './disclosures.ts'
import type { Incident } from './incident.ts'
import { Counter, PersonSet } from './tally.ts'

export type EventsAndSubjects = { events: number; subjects: number }

type Shown = { field: FieldName; view: View; events: number; persons: PersonSet }

/** Adds up disclosures as they come. What it holds grows with persons by a bit each, and with names of operators. */
export class Disclosed {
  readonly asOf: Instant
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

  /** @param asOf from when on the log was read. */
  constructor(asOf: Instant) {
    this.asOf = asOf
  }

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

  /** @param canaries who is nobody: they are not counted. */
  byField(
    canaries: readonly number[],
  ): readonly { field: FieldName; view: View; counted: EventsAndSubjects }[] {
    return [...this.#shown.values()].map(({ field, view, events, persons }) => ({
      field,
      view,
      counted: { events, subjects: persons.size - canaries.filter((one) => persons.has(one)).length },
    }))
  }
}

/** Reads the log once. Empty where the incident asks it nothing, or a question that has no bounds yet. */
export async function readDisclosed(vault: Vault, tenant: TenantId, incident: Incident): Promise<Disclosed> {
  const disclosed = new Disclosed(vault.clock.now())
  if (asksTheLog(incident) && hasBounds(incident)) {
    for await (const some of disclosures(vault, tenant, incident)) for (const one of some) disclosed.add(one)
  }
  return disclosed
}
