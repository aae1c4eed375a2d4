import type { CredentialId, DeviceId, IncidentId, OperatorId, PartyId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { EventType } from '../audit/event.ts'
import type { View } from '../fields/field-type.ts'
import type { FieldName } from '../fields/registry.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import { namesOfRefs } from '../refs.ts'
import type { Vault } from '../vault.ts'
import { isOfTheStore, requireBounds } from './bounds.ts'
import { copiedStore } from './copied-store.ts'
import type { CopiedStore } from './copied-store.ts'
import { readDisclosed } from './disclosed.ts'
import type { Disclosed, EventsAndSubjects } from './disclosed.ts'
import type { Incident } from './incident.ts'
import { countPeople } from './people.ts'
import { mustFindIncident } from './service.ts'
import type { Counter } from './tally.ts'

export type Scope = EventsAndSubjects & {
  /** Of the subjects; they count under no jurisdiction and no language any more. */
  erased: number
  /** Made-up persons of whom something was shown. They are in `events` and in no number of persons. */
  canaries: number
  firstAt: Instant | null
  lastAt: Instant | null
  byJurisdiction: readonly (readonly [string, number])[]
  byLanguage: readonly (readonly [string, number])[]
  byField: readonly { field: FieldName; view: View; counted: EventsAndSubjects }[]
  byView: readonly (readonly [View, number])[]
  byType: readonly (readonly [EventType, number])[]
  byParty: readonly (readonly [PartyId | 'platform' | 'person', number])[]
  byCredential: readonly (readonly [CredentialId, number])[]
  byOperator: readonly (readonly [string, number])[]
  byDevice: readonly (readonly [string, number])[]
  /** Only where the store itself, or a key, got into wrong hands. */
  copied: CopiedStore | null
}

/** @throws VaultError `not_found`; `state_conflict` for a question that has no bounds yet. */
export async function findScope(vault: Vault, caller: PlatformCaller, id: IncidentId): Promise<Scope> {
  const incident = await mustFindIncident(vault, caller.tenant, id)
  requireBounds(incident)
  return scopeOf(vault, caller, incident, await readDisclosed(vault, caller.tenant, incident))
}

/** @param disclosed what was read of the log for this incident. */
export async function scopeOf(
  vault: Vault,
  caller: PlatformCaller,
  incident: Incident,
  disclosed: Disclosed,
): Promise<Scope> {
  const { tenant } = caller
  const people = await countPeople(vault, tenant, disclosed.persons)
  return {
    events: disclosed.events,
    subjects: disclosed.persons.size - people.canaries.length,
    erased: people.erased,
    canaries: people.canaries.length,
    firstAt: disclosed.firstAt,
    lastAt: disclosed.lastAt,
    byJurisdiction: people.jurisdictions.entries(),
    byLanguage: people.languages.entries(),
    byField: disclosed.byField(people.canaries),
    byView: disclosed.views.entries(),
    byType: disclosed.types.entries(),
    byParty: disclosed.parties.entries(),
    byCredential: disclosed.credentials.entries(),
    byOperator: await named(vault, caller, disclosed.operators),
    byDevice: await named(vault, caller, disclosed.devices),
    copied: isOfTheStore(incident) ? await copiedStore(vault, tenant, incident) : null,
  }
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
