import { isVaultError, unreachable } from '../../core/errors.ts'
import type { IncidentId, PartyId, SubjectId, TenantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { Change } from '../changes.ts'
import { rotate } from '../keys/rotate.ts'
import type { RotationLevel } from '../keys/rotation.ts'
import { findRetirement } from '../tokens/retirement.ts'
import { notFound } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { isContaining, stateAfter } from './incident.ts'
import type { Containment, Incident } from './incident.ts'
import { asksTheLog } from './bounds.ts'
import { subjectsInScope } from './scope-subjects.ts'
import { putIncident, systemEvent } from './steps.ts'

/** Persons whose grants or tokens one commit ends. */
const PERSONS_A_STEP = 50
/** In this order; the root key is its holder's to rotate, and the log's key signs what is public. */
const LEVELS: readonly RotationLevel[] = ['session', 'wrap', 'index', 'note', 'data']
/** Somebody else's commits come in between; one that never stops failing is a fault and not a race. */
const MAX_CONFLICTS = 100

/** What one step does: its writes, and where the action stands after them. */
type Step = { changes: readonly Change[]; containment: Containment }

/**
 * Goes on with what an incident's containment has left to do, step by step. Each is a commit of its own with the place where it
 * stands, so a kill loses none and repeats none. Rotations take minutes: they are left to the job.
 */
export async function goOnWith(
  vault: Vault,
  tenant: TenantId,
  id: IncidentId,
  maxSteps: number,
  { withKeys = false } = {},
): Promise<Incident> {
  let conflicts = 0
  for (let steps = 0; ; steps++) {
    const incident = await vault.store.findIncident(tenant, id)
    if (!incident) throw notFound('incident')
    const due = incident.containment.find(
      ({ state, action }) => state === 'running' && (withKeys || action !== 'rotate_keys'),
    )
    if (!due || steps >= maxSteps) return incident
    try {
      const step = await stepOf(vault, tenant, incident, due)
      await vault.store.commit(tenant, [
        ...step.changes,
        ...standing(vault, tenant, incident, step.containment),
      ])
      conflicts = 0
    } catch (error) {
      // Somebody was erased, a grant was revoked, or somebody else has made this step: read again.
      if (!isVaultError(error, 'conflict') || ++conflicts > MAX_CONFLICTS) throw error
    }
  }
}

/** Where the action stands now; with its last step its event, and with the last action's the incident's state. */
function standing(vault: Vault, tenant: TenantId, incident: Incident, now: Containment): readonly Change[] {
  const containment = incident.containment.map((one) => (one.action === now.action ? now : one))
  if (now.state === 'running') return [putIncident(incident, { containment })]
  const at = vault.clock.now()
  const { action: code, counts } = now
  const details = { type: 'incident.contained', incident: incident.id, code, counts } as const
  const { id: event, append } = systemEvent(vault, tenant, at, details)
  const state = isContaining({ containment }) ? incident.state : stateAfter(incident.state, 'contained')
  const steps = [...incident.steps, { step: 'contained', at, event, code } as const]
  return [putIncident(incident, { containment, state, steps }), append]
}

async function stepOf(vault: Vault, tenant: TenantId, incident: Incident, due: Containment): Promise<Step> {
  switch (due.action) {
    case 'revoke_grants':
      return stepOverPersons(vault, tenant, incident, due, revokeGrantsOf)
    case 'retire_tokens':
      return stepOverPersons(vault, tenant, incident, due, retireTokensOf)
    case 'rotate_keys':
      return rotateNext(vault, tenant, due)
    case 'revoke_credentials':
    case 'suspend_parties':
      return { changes: [], containment: { ...due, state: 'done' } }
    default:
      return unreachable(due.action)
  }
}

/** A person, and the parties from which its data is to be kept: null for all of them. */
type Target = { subject: SubjectId; parties: readonly PartyId[] | null }
type Doing = { vault: Vault; tenant: TenantId; incident: Incident; now: Instant }
type Done = { changes: readonly Change[]; counts: Readonly<Record<string, number>> }

async function stepOverPersons(
  vault: Vault,
  tenant: TenantId,
  incident: Incident,
  due: Containment,
  act: (doing: Doing, target: Target) => Promise<Done>,
): Promise<Step> {
  const { rows, next } = await subjectsInScope(vault, tenant, incident, due.cursor, PERSONS_A_STEP)
  const everywhere = new Set(incident.suspects.subjects)
  // Nobody need have looked at those who are named; they come with the first step.
  const named = due.cursor === 0 ? [...everywhere].map((subject): Target => ({ subject, parties: null })) : []
  const found = rows
    .filter(({ subject }) => !everywhere.has(subject))
    .map(({ subject, parties }): Target => ({ subject, parties: asksTheLog(incident) ? parties : null }))
  const doing = { vault, tenant, incident, now: vault.clock.now() }
  const done: Done[] = []
  for (const target of [...named, ...found]) done.push(await act(doing, target))
  const counts = done.reduce((sum, one) => added(sum, one.counts), due.counts)
  const containment: Containment =
    next === null ? { ...due, counts, state: 'done' } : { ...due, counts, cursor: next }
  return { changes: done.flatMap(({ changes }) => changes), containment }
}

function added(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return Object.fromEntries(names.map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]))
}

async function revokeGrantsOf(
  { vault, tenant, incident, now }: Doing,
  { subject, parties }: Target,
): Promise<Done> {
  const grants = await vault.store.listGrantsOf(tenant, subject)
  const live = grants.filter(
    ({ party, revokedAt, until }) =>
      revokedAt === null && (until === null || until > now) && (parties === null || parties.includes(party)),
  )
  const changes = live.flatMap(({ id: grant, version, party, purpose }): Change[] => {
    const details = { type: 'grant.revoked', grant, subject, party, purpose, incident: incident.id } as const
    return [
      { type: 'grant.revoke', id: grant, expectedVersion: version, at: now },
      systemEvent(vault, tenant, now, details).append,
    ]
  })
  return { changes, counts: { persons: 1, grants: live.length } }
}

async function retireTokensOf(
  { vault, tenant, incident, now }: Doing,
  { subject, parties }: Target,
): Promise<Done> {
  const changes: Change[] = []
  let retired = 0
  for (const party of parties ?? [null]) {
    const found = await findRetirement(vault.store, tenant, subject, party, now)
    if (!found) continue
    const details = { ...found.details, incident: incident.id }
    changes.push(found.change, systemEvent(vault, tenant, now, details).append)
    retired += found.tokens
  }
  return { changes, counts: { persons: 1, tokens: retired } }
}

/** One level a step. A rotation that was under way before the incident may lead to a key that leaked: then another follows. */
async function rotateNext(vault: Vault, tenant: TenantId, due: Containment): Promise<Step> {
  const level = LEVELS[due.cursor]
  if (level === undefined) return { changes: [], containment: { ...due, state: 'done' } }
  const { startedAt } = await rotate(vault, tenant, level)
  if (startedAt < due.begunAt) await rotate(vault, tenant, level)
  const counts = added(due.counts, { levels: 1 })
  return { changes: [], containment: { ...due, counts, cursor: due.cursor + 1 } }
}

/** Incidents a round, and steps of each: some seconds of work. */
const INCIDENTS_A_ROUND = 10
const STEPS_A_ROUND = 100

/**
 * The job: what a call has left, or a kill. One that fails does not keep the others from theirs.
 * @throws whatever the last one failed of. While the vault is sealed keys wait.
 */
export async function goOnContaining(vault: Vault): Promise<void> {
  const failed: unknown[] = []
  for (const { tenant, id } of await vault.store.listContaining(INCIDENTS_A_ROUND)) {
    try {
      await goOnWith(vault, tenant, id, STEPS_A_ROUND, { withKeys: true })
    } catch (error) {
      if (!isVaultError(error, 'sealed')) failed.push(error)
    }
  }
  if (failed.length > 0) throw failed.at(-1)
}
