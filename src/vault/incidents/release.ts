import type { IncidentId } from '../../core/id.ts'
import { expectCaller, record } from '../audit/record.ts'
import type { Change } from '../changes.ts'
import { addNote } from '../notes.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import { transact } from '../transact.ts'
import type { Call, Plan } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { mustFindIncident, requireRoom } from './service.ts'
import { putIncident, takeStep } from './steps.ts'

/** What was undone. Credentials, grants and tokens that were ended stay so: new ones are given. */
export type Released = { partiesReinstated: number }

/**
 * Lets go of whom the incident holds, and makes the parties active again that it suspended; one that was suspended, reinstated
 * or terminated by hand since is as that has left it.
 */
export async function release(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: IncidentId,
  reason: string,
): Promise<Released> {
  const { tenant } = call.caller
  const { note } = await vault.keyring.tenantKeys(tenant)
  return transact(vault, call, async (): Promise<Plan<Released>> => {
    const now = vault.clock.now()
    const incident = await mustFindIncident(vault, tenant, id)
    requireRoom(incident)
    const reinstated: Change[] = []
    for (const partyId of incident.containment.flatMap(({ parties }) => parties)) {
      const party = await vault.store.findParty(tenant, partyId)
      if (party?.status !== 'suspended') continue
      const details = { type: 'party.status_changed', party: partyId, code: 'active', incident: id } as const
      reinstated.push(
        { type: 'party.set_status', id: partyId, expectedVersion: party.version, status: 'active' },
        record(vault, call.caller, now, details).append,
      )
    }
    const counts = { parties: reinstated.length / 2 }
    const { step, append } = takeStep(vault, call.caller, now, id, { step: 'released', code: null, counts })
    const containment = incident.containment.map((one) => ({ ...one, parties: [] }))
    const changes: Change[] = [
      expectCaller(call.caller),
      { type: 'hold.lift', holder: id },
      ...reinstated,
      putIncident(incident, { containment, steps: [...incident.steps, step] }),
      addNote(note.primary.key, { tenant, about: step.event, subject: null, text: reason }, now),
      append,
    ]
    return { changes, result: { partiesReinstated: counts.parties } }
  })
}
