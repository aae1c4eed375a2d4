import type { IncidentId } from '../../core/id.ts'
import type { Instant } from '../../core/time.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import type { Call } from '../transact.ts'
import type { Vault } from '../vault.ts'
import { countPersons } from './count-persons.ts'
import { isContaining, stateAfter } from './incident.ts'
import type { Severity } from './incident.ts'
import { changeIncident, findIncident, notWhenClosed, stillContaining } from './service.ts'
import type { IncidentView } from './service.ts'
import { refuseSenselessFacts, stateFacts } from './stated-facts.ts'
import type { GivenFacts } from './stated-facts.ts'
import { findSuspects, refuseSenselessTimes } from './suspects.ts'
import type { NamedSuspects } from './suspects.ts'

/** What is learned later: what is left out stays as it is, and suspects that are given replace those before. */
export type Assessment = {
  severity: Severity
  reason?: string
  occurredFrom?: Instant
  occurredTo?: Instant
  suspects?: NamedSuspects
  facts?: GivenFacts
}

export async function assessIncident(
  vault: Vault,
  call: Call<PlatformCaller>,
  id: IncidentId,
  input: Assessment,
): Promise<IncidentView> {
  const { tenant } = call.caller
  await changeIncident(vault, call, id, input.reason, async (incident, at) => {
    if (incident.state === 'closed') throw notWhenClosed()
    const asksAnew = (input.suspects ?? input.occurredFrom ?? input.occurredTo) !== undefined
    // What is being contained stays what it was when that began.
    if (asksAnew && isContaining(incident)) throw stillContaining()
    const { severity, occurredFrom = incident.occurredFrom, occurredTo = incident.occurredTo } = input
    refuseSenselessTimes({ awareAt: incident.awareAt, occurredFrom, occurredTo }, at)
    const suspects = input.suspects
      ? await findSuspects(vault.store, tenant, input.suspects)
      : incident.suspects
    const facts = stateFacts(incident.facts, input.facts ?? {})
    const assessed = { ...incident, occurredFrom, occurredTo, suspects, facts }
    refuseSenselessFacts(assessed, at)
    const counted = await countPersons(vault, tenant, assessed)
    const state = stateAfter(incident.state, 'assessing')
    return {
      step: { step: 'assessed', code: severity },
      // Which clocks are late by what is known now is noted by whoever looks at them next.
      now: { severity, occurredFrom, occurredTo, suspects, facts, counted, state, checkAt: at },
    }
  })
  return findIncident(vault, call.caller, id)
}
