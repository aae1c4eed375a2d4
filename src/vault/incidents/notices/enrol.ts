import type { TenantId } from '../../../core/id.ts'
import type { Instant } from '../../../core/time.ts'
import type { Change } from '../../changes.ts'
import type { Vault } from '../../vault.ts'
import { subjectsInScope } from '../scope-subjects.ts'
import type { NumberedSubject } from '../scope-subjects.ts'
import { mustFindIncident } from '../service.ts'
import { systemEvent } from '../steps.ts'
import { contentsOf } from './contents.ts'
import { isFor } from './notice.ts'
import type { DeliveryState, Enrolled, Notice } from './notice.ts'

/** Persons that one commit enrols: what a step holds in memory, whatever the scope's size. */
const PERSONS_A_STEP = 500

/**
 * Gives the next recipients a row each, in one commit with the place where it stands: after a kill it goes on from there, and
 * nobody is left out or enrolled twice. With the last of them the notice is being sent.
 * @throws VaultError `conflict` if somebody else has made this step, or the notice was cancelled.
 */
export async function enrolNext(vault: Vault, tenant: TenantId, notice: Notice): Promise<void> {
  const now = vault.clock.now()
  const step =
    notice.audience === 'persons'
      ? await nextPersons(vault, tenant, notice, now)
      : { rows: await addressees(vault, tenant, notice), events: [], next: null }
  const { rows, events, next } = step
  const moved: Notice = next === null ? { ...notice, state: 'sending' } : { ...notice, cursor: next }
  await vault.store.commit(tenant, [
    { type: 'notice.put', notice: moved, expectedVersion: notice.version },
    { type: 'delivery.enrol', notice: notice.id, rows, at: now },
    ...events,
  ])
}

type Step = { rows: readonly Enrolled[]; events: readonly Change[]; next: number | null }

async function nextPersons(vault: Vault, tenant: TenantId, notice: Notice, now: Instant): Promise<Step> {
  const incident = await mustFindIncident(vault, tenant, notice.incident)
  const page = await subjectsInScope(vault, tenant, incident, notice.cursor, PERSONS_A_STEP)
  // A canary is nobody to be told, and mail to its address would be taken for a leak.
  const persons = page.rows.filter(({ canary }) => !canary)
  const chosen = persons.filter(({ jurisdiction }) => isFor(notice.jurisdiction, jurisdiction))
  const rows = chosen.map((one) => ({ recipient: one.person, state: stateOf(notice, one) }))
  const events = chosen.flatMap(({ subject, erased }): Change[] => {
    const about = { incident: notice.incident, notice: notice.id, subject }
    if (erased) {
      return [systemEvent(vault, tenant, now, { type: 'notice.skipped', ...about, code: 'erased' }).append]
    }
    if (notice.channel !== 'page') return []
    return [systemEvent(vault, tenant, now, { type: 'notice.sent', ...about, code: 'page' }).append]
  })
  return { rows, events, next: page.next }
}

/** What is on a person's own page has reached it with the row itself. */
function stateOf({ channel }: Notice, { erased }: NumberedSubject): DeliveryState {
  if (erased) return 'erased'
  return channel === 'page' ? 'sent' : 'queued'
}

async function addressees(vault: Vault, tenant: TenantId, notice: Notice): Promise<readonly Enrolled[]> {
  if (notice.audience === 'public') return [{ recipient: 1, state: 'sent' }]
  const { to } = await contentsOf(vault, tenant, notice.id)
  return to.map((_, i) => ({ recipient: i + 1, state: 'queued' }))
}
