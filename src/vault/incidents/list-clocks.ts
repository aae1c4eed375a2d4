import type { IncidentId } from '../../core/id.ts'
import type { PlatformCaller } from '../principals/principal.ts'
import type { Vault } from '../vault.ts'
import type { Clock } from './clocks/clocks.ts'
import type { Facts } from './clocks/facts.ts'
import { countPersons } from './count-persons.ts'
import type { ClockMark, Counted, Incident } from './incident.ts'
import { daysSinceCheck } from './law/freshness.ts'
import { clocksOfIncident, standingMark } from './reckoning.ts'
import { mustFindIncident, textAbout } from './service.ts'
import { factsOf } from './stated-facts.ts'

/** A clock for those who work on it: with what was said of it. */
export type ClockView = Clock & {
  said: (ClockMark & { reason: string | null }) | null
  checkedDaysAgo: number
}

export type ClocksView = {
  /** What they were reckoned from. */
  facts: Facts
  counted: Counted
  /** Whether persons were stated by somebody, found in the scope, or are not known. */
  personsFrom: 'stated' | 'scope' | 'nobody'
  clocks: readonly ClockView[]
}

/** Every clock of an incident, those that do not apply too, from a count made now. */
export async function listClocks(vault: Vault, caller: PlatformCaller, id: IncidentId): Promise<ClocksView> {
  const incident = await mustFindIncident(vault, caller.tenant, id)
  const counted = await countPersons(vault, caller.tenant, incident)
  return viewClocks(vault, caller, { ...incident, counted })
}

/** Of these rules, as of the last count. */
export async function findClocks(
  vault: Vault,
  caller: PlatformCaller,
  id: IncidentId,
  rules: readonly string[],
): Promise<ClocksView> {
  const view = await viewClocks(vault, caller, await mustFindIncident(vault, caller.tenant, id))
  return { ...view, clocks: view.clocks.filter(({ rule }) => rules.includes(rule.id)) }
}

/** @param incident as it was counted last. */
export async function viewClocks(
  vault: Vault,
  { tenant }: PlatformCaller,
  incident: Incident,
): Promise<ClocksView> {
  const { facts, counted } = incident
  const now = vault.clock.now()
  const clocks = await Promise.all(
    clocksOfIncident(incident, now).map(async (clock): Promise<ClockView> => {
      const mark = standingMark(incident.clocks, clock.rule.id)
      const said = mark ? { ...mark, reason: await textAbout(vault, tenant, mark.event) } : null
      return { ...clock, said, checkedDaysAgo: daysSinceCheck(clock.rule, now) }
    }),
  )
  const scoped = counted.persons === null ? 'nobody' : 'scope'
  return {
    facts: factsOf(incident),
    counted,
    personsFrom: facts.persons === undefined ? scoped : 'stated',
    clocks,
  }
}
