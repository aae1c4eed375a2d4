import type { Instant } from '../../core/time.ts'
import type { Incident } from './incident.ts'
import { clocksOfIncident, keepsOpen } from './reckoning.ts'

/** Why an incident cannot be closed without a stated reason: one word a point. */
export function pointsToExplain(incident: Incident): readonly string[] {
  return [
    ...(incident.severity === null ? ['not_assessed'] : []),
    ...(incident.containment.length === 0 ? ['not_contained'] : []),
  ]
}

/** The rules whose clocks keep an incident from being closed, whatever is said at closing: each is met, or has a reason of its own. */
export function rulesRunning(incident: Incident, now: Instant): readonly string[] {
  return clocksOfIncident(incident, now)
    .filter(keepsOpen)
    .map(({ rule }) => rule.id)
}

/** All that is open, as of the last count of persons. Each part of the vault that has something running adds its own. */
export function openPoints(incident: Incident, now: Instant): readonly string[] {
  const runs = incident.state !== 'closed' && rulesRunning(incident, now).length > 0
  return [...pointsToExplain(incident), ...(runs ? ['clocks_running'] : [])]
}
