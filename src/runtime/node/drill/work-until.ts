import { goOnContaining } from '../../../vault/incidents/contain-steps.ts'
import { sendNotices } from '../../../vault/incidents/notices/round.ts'
import type { Vault } from '../../../vault/vault.ts'
import type { Caller } from './caller.ts'
import type { WireIncident, WireNotice } from './wire.ts'

// A drill waits for the service's jobs, and so runs them itself, one round after the other.

export async function untilContained(vault: Vault, officer: Caller, incident: string): Promise<WireIncident> {
  for (;;) {
    const seen = await officer.ask<WireIncident>(`/v1/incidents/${incident}`)
    if (seen.containment.every(({ state }) => state === 'done')) return seen
    await goOnContaining(vault)
  }
}

/** Nobody is queued any more: the silent channel never says "later". */
export async function untilSent(
  vault: Vault,
  officer: Caller,
  notices: readonly WireNotice[],
): Promise<readonly WireNotice[]> {
  for (;;) {
    await sendNotices(vault)
    const seen: WireNotice[] = []
    for (const { id } of notices) seen.push(await officer.ask<WireNotice>(`/v1/notices/${id}`))
    if (seen.every(({ state }) => state === 'sent')) return seen
  }
}
