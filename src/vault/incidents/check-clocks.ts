import { isVaultError } from '../../core/errors.ts'
import type { IncidentId, TenantId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { Vault } from '../vault.ts'
import { countPersons } from './count-persons.ts'
import { noteMarks } from './note-marks.ts'

/** Incidents a round: each takes a look into the log, which yields to others, and one commit. */
const INCIDENTS_A_ROUND = 10

/**
 * The job: counts whom an incident touches and notes each clock that is late, once. It comes to an incident when it was opened or
 * assessed, when a clock's time has ended, and once a day. Needs no keys.
 * @throws whatever the last one failed of.
 */
export async function checkClocks(vault: Vault): Promise<void> {
  const failed: unknown[] = []
  const now = vault.clock.now()
  const soonest = await vault.store.listChecks(INCIDENTS_A_ROUND)
  for (const { tenant, id } of soonest.filter(({ at }) => at <= now)) {
    try {
      await checkIncident(vault, tenant, id)
    } catch (error) {
      // Somebody changed it meanwhile: it is due still, and comes round again.
      if (!isVaultError(error, 'conflict')) failed.push(error)
    }
  }
  if (failed.length > 0) throw failed.at(-1)
}

/** When it has something to do next; undefined where no incident is open. */
export async function nextClockCheck(vault: Vault): Promise<Instant | undefined> {
  const [next] = await vault.store.listChecks(1)
  return next?.at
}

async function checkIncident(vault: Vault, tenant: TenantId, id: IncidentId): Promise<void> {
  const incident = await vault.store.findIncident(tenant, id)
  if (!incident) return
  const counted = await countPersons(vault, tenant, incident)
  const now = vault.clock.now()
  const { changes } = noteMarks({ vault, tenant, now, by: 'system' }, { ...incident, counted }, [])
  await vault.store.commit(tenant, changes)
}
