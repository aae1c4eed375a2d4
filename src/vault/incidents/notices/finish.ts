import type { TenantId } from '../../../core/id.ts'
import type { Change } from '../../changes.ts'
import type { Vault } from '../../vault.ts'
import { countPersons } from '../count-persons.ts'
import { marksOfNotice } from '../mark-clocks.ts'
import { noteMarks } from '../note-marks.ts'
import { systemEvent } from '../steps.ts'
import { contentsOf } from './contents.ts'
import type { Notice } from './notice.ts'

/**
 * Everybody is through: how it went, in numbers, and the clocks that it meets, in one commit. Until then neither is so, and after
 * it both: a kill loses none, and no repetition marks again what somebody has taken back since.
 * @throws VaultError `conflict` if the notice or its incident moved meanwhile; `sealed`
 */
export async function finish(vault: Vault, tenant: TenantId, notice: Notice): Promise<void> {
  const counts = await vault.store.countDeliveries(tenant, notice.id)
  const met = await meetClocks(vault, tenant, notice)
  const { incident, id, audience: code } = notice
  const details = { type: 'notice.finished', incident, notice: id, code, counts } as const
  await vault.store.commit(tenant, [
    { type: 'notice.put', notice: { ...notice, state: 'sent' }, expectedVersion: notice.version },
    systemEvent(vault, tenant, vault.clock.now(), details).append,
    ...met,
  ])
}

/** As of the last one that was reached. Where nobody was, nobody was told. */
async function meetClocks(vault: Vault, tenant: TenantId, notice: Notice): Promise<readonly Change[]> {
  const { meets } = await contentsOf(vault, tenant, notice.id)
  const reached = await vault.store.findSentSpan(tenant, notice.id)
  const incident = await vault.store.findIncident(tenant, notice.incident)
  if (!reached || !incident) return []
  const marks = marksOfNotice(incident, notice.id, meets, reached.last)
  if (marks.length === 0) return []
  const counted = await countPersons(vault, tenant, incident)
  const noting = { vault, tenant, now: vault.clock.now(), by: 'system' } as const
  return noteMarks(noting, { ...incident, counted }, marks).changes
}
