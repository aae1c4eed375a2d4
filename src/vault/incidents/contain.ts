import { VaultError, unreachable } from '../../core/errors.ts'
import type { IncidentId, PartyId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import { mayMove } from '../principals/principal.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import { transact } from '../transact.ts'
import type { Call, Plan } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { goOnWith } from './contain-steps.ts'
import { isContaining, lookingSuspects, stateAfter } from './incident.ts'
import type { Containment, ContainmentAction, Incident, SuspectId } from './incident.ts'
import { requireBounds } from './bounds.ts'
import { mustFindIncident, notWhenClosed, requireRoom } from './service.ts'
import { putIncident, takeStep } from './steps.ts'

/** How many steps of work a call does itself before it answers: a few thousand persons. The rest is the job's. */
const STEPS_A_CALL = 40

type Setting = { vault: Vault; caller: PlatformCaller; incident: Incident; now: Instant }
/** An action's first part, which is in the commit that begins it: all of it, or what the batches then go on with. */
type Begun = { containment: Containment; changes: readonly Change[] }

/**
 * Begins the actions, or goes on with them, and says how far each has come. The suspects are denied from the first commit on,
 * whatever is left for batches; an action that was done before looks again for what has come since.
 */
export async function contain(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: IncidentId,
  actions: readonly ContainmentAction[],
): Promise<Incident> {
  const { tenant } = call.caller
  await transact(vault, call, async (): Promise<Plan<null>> => {
    const incident = await mustFindIncident(vault, tenant, id)
    if (incident.state === 'closed') throw notWhenClosed()
    requireRoom(incident)
    refuseSenseless(call.caller, incident, actions)
    const setting = { vault, caller: call.caller, incident, now: vault.clock.now() }
    return { changes: await firstChanges(setting, [...new Set(actions)]), result: null }
  })
  return goOnWith(vault, tenant, id, STEPS_A_CALL)
}

function refuseSenseless(
  { credential }: PlatformCaller,
  incident: Incident,
  actions: readonly ContainmentAction[],
): void {
  const { credentials, parties } = incident.suspects
  const missing = (what: string) => new VaultError('state_conflict', `No ${what} is suspected.`)
  if (actions.includes('revoke_credentials')) {
    if (credentials.length === 0) throw missing('credential')
    if (credentials.includes(credential)) {
      throw new VaultError('state_conflict', 'Contain with another credential than the one to be revoked.')
    }
  }
  if (actions.includes('suspend_parties') && parties.length === 0) throw missing('party')
  const byScope = actions.includes('revoke_grants') || actions.includes('retire_tokens')
  if (byScope) requireBounds(incident)
}

async function firstChanges(
  setting: Setting,
  actions: readonly ContainmentAction[],
): Promise<readonly Change[]> {
  const { vault, caller, incident, now } = setting
  const { id } = incident
  const begun = await Promise.all(
    actions.filter((action) => !isRunning(incident, action)).map((action) => begin(setting, action)),
  )
  const steps = begun.map(({ containment: { action: code, state, counts } }) =>
    state === 'done'
      ? takeStep(vault, caller, now, id, { step: 'contained', code, counts })
      : takeStep(vault, caller, now, id, { step: 'containing', code }),
  )
  const untouched = incident.containment.filter(
    (one) => !begun.some(({ containment }) => containment.action === one.action),
  )
  const containment = [...untouched, ...begun.map((one) => one.containment)]
  const state = isContaining({ containment }) ? incident.state : stateAfter(incident.state, 'contained')
  return [
    expectCaller(caller),
    { type: 'hold.put', holder: id, suspects: heldBy(incident, actions), mode: 'stop', until: null },
    ...begun.flatMap(({ changes }) => changes),
    putIncident(incident, {
      state,
      containment,
      steps: [...incident.steps, ...steps.map(({ step }) => step)],
    }),
    ...steps.map(({ append }) => append),
  ]
}

function isRunning({ containment }: Incident, action: ContainmentAction): boolean {
  return containment.some((one) => one.action === action && one.state === 'running')
}

/** Those who looked, with any action; whose data it is, where it is to be shown to nobody any more. */
function heldBy({ suspects }: Incident, actions: readonly ContainmentAction[]): readonly SuspectId[] {
  const stopsPersons = actions.includes('revoke_grants') || actions.includes('retire_tokens')
  return [...lookingSuspects(suspects), ...(stopsPersons ? suspects.subjects : [])]
}

async function begin(setting: Setting, action: ContainmentAction): Promise<Begun> {
  const before = setting.incident.containment.find((one) => one.action === action)
  const { counts = {}, parties = [] } = before ?? {}
  const running: Containment = { action, state: 'running', begunAt: setting.now, cursor: 0, counts, parties }
  switch (action) {
    case 'revoke_credentials':
      return revokeCredentials(setting, running)
    case 'suspend_parties':
      return suspendParties(setting, running)
    case 'revoke_grants':
    case 'retire_tokens':
    case 'rotate_keys':
      return { containment: running, changes: [] }
    default:
      return unreachable(action)
  }
}

async function revokeCredentials(
  { vault, caller, incident, now }: Setting,
  running: Containment,
): Promise<Begun> {
  const changes: Change[] = []
  let revoked = running.counts['credentials'] ?? 0
  for (const id of incident.suspects.credentials) {
    const credential = await vault.store.findCredential(caller.tenant, id)
    if (!credential || credential.revokedAt !== null) continue
    const party = credential.party ? { party: credential.party } : {}
    const details = { type: 'credential.revoked', concerns: id, incident: incident.id, ...party } as const
    changes.push({ type: 'credential.revoke', id, at: now }, record(vault, caller, now, details).append)
    revoked += 1
  }
  return { containment: { ...running, state: 'done', counts: { credentials: revoked } }, changes }
}

async function suspendParties(
  { vault, caller, incident, now }: Setting,
  running: Containment,
): Promise<Begun> {
  const changes: Change[] = []
  const suspended = new Set<PartyId>(running.parties)
  let count = running.counts['parties'] ?? 0
  for (const id of incident.suspects.parties) {
    const party = await vault.store.findParty(caller.tenant, id)
    // One that is pending, suspended or terminated calls nothing as it is.
    if (!party || party.status !== 'active' || !mayMove(party.status, 'suspended')) continue
    const details = {
      type: 'party.status_changed',
      party: id,
      code: 'suspended',
      incident: incident.id,
    } as const
    changes.push(
      { type: 'party.set_status', id, expectedVersion: party.version, status: 'suspended' },
      record(vault, caller, now, details).append,
    )
    suspended.add(id)
    count += 1
  }
  const done = { ...running, state: 'done', counts: { parties: count }, parties: [...suspended] } as const
  return { containment: done, changes }
}
