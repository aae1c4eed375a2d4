import { VaultError } from '../../../core/errors.ts'
import type { NoticeId } from '../../../core/id.ts'
import type { Instant } from '../../../core/time.ts'
import { expectCaller } from '../../audit/record.ts'
import type { Change } from '../../changes.ts'
import type { PlatformCaller } from '../../principals/principal.ts'
import { transact } from '../../transact.ts'
import type { Call, Plan } from '../../transact.ts'
import type { Vault } from '../../vault.ts'
import { stateAfter } from '../incident.ts'
import type { Incident } from '../incident.ts'
import { mustFindIncident, notWhenClosed, requireRoom } from '../service.ts'
import { putIncident, takeStep } from '../steps.ts'
import { lacksOf } from './composition.ts'
import { contentsOf, keepContents, mustFindNotice } from './contents.ts'
import { requireChannel, said } from './drafts.ts'
import { isAtWork } from './notice.ts'
import type { Notice } from './notice.ts'
import type { Contents } from './words.ts'

/**
 * The second person's yes: from its commit on the job sends. `version` is the draft that was read, so that nobody approves
 * what was written behind their back.
 * @throws VaultError `not_found`; `approval_own` for the credential that drafted it or wrote what it says now; `state_conflict`
 *   when it is no draft any more, was edited since, or the incident is closed; `channel_not_configured`.
 */
export async function approveNotice(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: NoticeId,
  version: number,
): Promise<Notice> {
  const { tenant, credential } = call.caller
  return transact(vault, call, async (): Promise<Plan<Notice>> => {
    const now = vault.clock.now()
    const was = await mustFindNotice(vault, tenant, id)
    if (was.draftedBy === credential || was.editedBy === credential) {
      throw new VaultError('approval_own', 'Who wrote a notice cannot be the one who approves it.')
    }
    if (was.state !== 'draft') throw new VaultError('state_conflict', `This notice is ${was.state}.`)
    if (was.version !== version) {
      throw new VaultError('state_conflict', 'This draft was edited since: read it again.')
    }
    requireChannel(vault, was.channel)
    requireWhole(was, await contentsOf(vault, tenant, id))
    const incident = await mustFindIncident(vault, tenant, was.incident)
    if (incident.state === 'closed') throw notWhenClosed()
    const notice: Notice = { ...was, state: 'approved', approvedBy: credential, approvedAt: now }
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'notice.put', notice, expectedVersion: was.version },
      ...notifying(vault, call.caller, now, incident, was),
      said(vault, call.caller, now, notice, 'notice.approved'),
    ]
    return { changes, result: { ...notice, version: was.version + 1 } }
  })
}

/** @throws VaultError `state_conflict` with a pointer to each thing that it lacks. */
function requireWhole(notice: Notice, contents: Contents): void {
  const errors = lacksOf(notice, contents).map(({ pointer, code, article }) => {
    return { pointer, code, ...(article !== undefined && { detail: article }) }
  })
  if (errors.length > 0) throw new VaultError('state_conflict', 'This draft is not whole yet.', { errors })
}

/** The incident's own step, once: its first notice goes out. */
function notifying(
  vault: Vault,
  caller: PlatformCaller,
  now: Instant,
  incident: Incident,
  { audience }: Notice,
): Change[] {
  const state = stateAfter(incident.state, 'notifying')
  if (state === incident.state) return []
  requireRoom(incident)
  const { step, append } = takeStep(vault, caller, now, incident.id, { step: 'notifying', code: audience })
  return [putIncident(incident, { state, steps: [...incident.steps, step] }), append]
}

/**
 * Stops a notice: no attempt begins after this is answered. What an attempt that was under way came to is still noted.
 * @throws VaultError `state_conflict` when it has ended already.
 */
export async function cancelNotice(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: NoticeId,
  reason: string,
): Promise<Notice> {
  const { tenant } = call.caller
  const { note } = await vault.keyring.tenantKeys(tenant)
  return transact(vault, call, async (): Promise<Plan<Notice>> => {
    const now = vault.clock.now()
    const was = await mustFindNotice(vault, tenant, id)
    if (was.state !== 'draft' && !isAtWork(was)) {
      throw new VaultError('state_conflict', `This notice is ${was.state}.`)
    }
    const contents = { ...(await contentsOf(vault, tenant, id)), reason }
    const notice: Notice = { ...was, state: 'cancelled' }
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'notice.put', notice, expectedVersion: was.version },
      keepContents(note.primary.key, tenant, id, contents, now),
      said(vault, call.caller, now, notice, 'notice.cancelled'),
    ]
    return { changes, result: { ...notice, version: was.version + 1 } }
  })
}
