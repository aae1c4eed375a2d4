import { VaultError } from '../../core/errors.ts'
import { timedId } from '../../core/id.ts'
import type { EventId, IncidentId, TenantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import { expectCaller } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import { addNote, readNote } from '../notes.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import { namesOfRefs } from '../refs.ts'
import type { Listed, Page } from '../store.ts'
import { notFound, transact } from '../transact.ts'
import type { Call, Plan } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { countPersons } from './count-persons.ts'
import { isContaining, mayMoveIncident } from './incident.ts'
import type { Incident, IncidentKind, IncidentStep } from './incident.ts'
import { openPoints, pointsToExplain, rulesRunning } from './open-points.ts'
import { putIncident, takeStep } from './steps.ts'
import { findSuspects, refuseSenselessTimes } from './suspects.ts'
import type { NamedSuspects } from './suspects.ts'

export type NewIncident = {
  title: string
  kind: IncidentKind
  awareAt: Instant
  occurredFrom?: Instant
  occurredTo?: Instant
  suspects: NamedSuspects
}

/** An incident for those who work on it: with its texts opened and the callers' own names. */
export type IncidentView = Omit<Incident, 'steps' | 'version'> & {
  title: string
  steps: readonly (IncidentStep & { reason: string | null })[]
  operators: readonly string[]
  devices: readonly string[]
  openPoints: readonly string[]
}

/** A life of years has some dozens of steps. */
const MAX_STEPS = 1_000

export async function openIncident(
  vault: Vault,
  call: Call<PlatformCaller>,
  input: NewIncident,
): Promise<{ id: IncidentId; state: Incident['state'] }> {
  const { tenant } = call.caller
  const { note } = await vault.keyring.tenantKeys(tenant)
  return transact(vault, call, async () => {
    const now = vault.clock.now()
    const { title, kind, awareAt, occurredFrom = null, occurredTo = null } = input
    refuseSenselessTimes({ awareAt, occurredFrom, occurredTo }, now)
    const suspects = await findSuspects(vault.store, tenant, input.suspects)
    const id = timedId('inc', vault.random, now)
    const { step, append } = takeStep(vault, call.caller, now, id, { step: 'opened', code: kind })
    const incident: Incident = {
      id,
      kind,
      state: 'open',
      severity: null,
      awareAt,
      occurredFrom,
      occurredTo,
      suspects,
      containment: [],
      facts: {},
      clocks: [],
      counted: { at: now, persons: null, classes: [] },
      checkAt: now,
      steps: [step],
      openedAt: now,
      version: 1,
    }
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'incident.insert', incident },
      addNote(note.primary.key, { tenant, about: id, subject: null, text: title }, now),
      append,
    ]
    return { changes, result: { id, state: incident.state } }
  })
}

export async function mustFindIncident(vault: Vault, tenant: TenantId, id: IncidentId): Promise<Incident> {
  const incident = await vault.store.findIncident(tenant, id)
  if (!incident) throw notFound('incident')
  return incident
}

export async function findIncident(
  vault: Vault,
  caller: PlatformCaller,
  id: IncidentId,
): Promise<IncidentView> {
  return viewIncident(vault, caller.tenant, await mustFindIncident(vault, caller.tenant, id))
}

export async function listIncidents(
  vault: Vault,
  caller: PlatformCaller,
  page: Page,
): Promise<Listed<IncidentView>> {
  const { rows, next } = await vault.store.listIncidents(caller.tenant, page)
  return { rows: await Promise.all(rows.map((row) => viewIncident(vault, caller.tenant, row))), next }
}

export async function viewIncident(
  vault: Vault,
  tenant: TenantId,
  incident: Incident,
): Promise<IncidentView> {
  const { steps, version: _version, ...rest } = incident
  const { operators, devices } = incident.suspects
  const names = await namesOfRefs(vault.store, tenant, [...operators, ...devices])
  const told = await Promise.all(
    steps.map(async (step) => ({ ...step, reason: await textAbout(vault, tenant, step.event) })),
  )
  return {
    ...rest,
    title: (await textAbout(vault, tenant, incident.id)) ?? '',
    steps: told,
    operators: operators.map((id) => names.get(id) ?? id),
    devices: devices.map((id) => names.get(id) ?? id),
    openPoints: openPoints(incident, vault.clock.now()),
  }
}

export async function textAbout(
  vault: Vault,
  tenant: TenantId,
  about: IncidentId | EventId,
): Promise<string | null> {
  const [note] = await vault.store.listNotesAbout(tenant, about)
  if (!note) return null
  const keys = await vault.keyring.tenantKeys(tenant)
  return readNote(keys.note.opening(note.sealed), tenant, about, note.sealed)
}

export async function closeIncident(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: IncidentId,
  reason: string | undefined,
): Promise<IncidentView> {
  const { tenant } = call.caller
  await changeIncident(vault, call, id, reason, async (incident, now) => {
    if (incident.state === 'closed') throw notWhenClosed()
    if (isContaining(incident)) throw stillContaining()
    const counted = await countPersons(vault, tenant, incident)
    const rules = rulesRunning({ ...incident, counted }, now)
    if (rules.length > 0) throw stillRunning(rules)
    const points = pointsToExplain(incident)
    if (points.length > 0 && reason === undefined) {
      throw new VaultError('state_conflict', `State a reason: it is open yet (${points.join(', ')}).`)
    }
    return { step: { step: 'closed', code: null }, now: { state: 'closed', counted, checkAt: null } }
  })
  return findIncident(vault, call.caller, id)
}

export async function reopenIncident(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: IncidentId,
  reason: string,
): Promise<IncidentView> {
  await changeIncident(vault, call, id, reason, async ({ state }, now) => {
    if (!mayMoveIncident(state, 'reopened')) {
      throw new VaultError('state_conflict', 'Only a closed incident can be reopened.')
    }
    return { step: { step: 'reopened', code: null }, now: { state: 'reopened', checkAt: now } }
  })
  return findIncident(vault, call.caller, id)
}

export function notWhenClosed(): VaultError {
  return new VaultError('state_conflict', 'This incident is closed: reopen it first.')
}

export function stillContaining(): VaultError {
  return new VaultError('state_conflict', 'Its containment is not through yet.')
}

/** Rules named in a sentence; the list of clocks has them all. */
const RULES_NAMED = 5

function stillRunning(rules: readonly string[]): VaultError {
  const named = rules.slice(0, RULES_NAMED).join(', ')
  const more = rules.length > RULES_NAMED ? `, and ${rules.length - RULES_NAMED} more` : ''
  return new VaultError('state_conflict', `Clocks run: meet or waive each first (${named}${more}).`)
}

export function requireRoom({ steps }: Incident): void {
  if (steps.length < MAX_STEPS) return
  throw new VaultError('state_conflict', 'This incident has had too many steps: open another one.')
}

type Decided = { step: Pick<IncidentStep, 'step' | 'code'>; now: Partial<Incident> }

/** One step in one commit: what it changes, its place in the timeline, its reason and its event. */
export async function changeIncident(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: IncidentId,
  reason: string | undefined,
  decide: (incident: Incident, now: Instant) => Promise<Decided>,
): Promise<void> {
  const { tenant } = call.caller
  const { note } = await vault.keyring.tenantKeys(tenant)
  await transact(vault, call, async (): Promise<Plan<null>> => {
    const at = vault.clock.now()
    const incident = await mustFindIncident(vault, tenant, id)
    const { step: what, now } = await decide(incident, at)
    requireRoom(incident)
    const { step, append } = takeStep(vault, call.caller, at, id, what)
    const text = reason === undefined ? [] : [{ tenant, about: step.event, subject: null, text: reason }]
    const changes: Change[] = [
      expectCaller(call.caller),
      putIncident(incident, { ...now, steps: [...incident.steps, step] }),
      ...text.map((one) => addNote(note.primary.key, one, at)),
      append,
    ]
    return { changes, result: null }
  })
}
