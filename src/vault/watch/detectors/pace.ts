import type { CredentialId, DeviceId, OperatorId } from '../../../core/id.ts'
import { ageHours, hourOf, learned, newBaseline, usualAt } from '../baseline.ts'
import type { Baseline } from '../baseline.ts'
import { NOTHING_FOUND } from '../detector.ts'
import type { Detector } from '../detector.ts'
import type { WatchedEvent } from '../event.ts'
import { EMPTY_SKETCH, addTo, countOf } from '../sketch.ts'
import type { Sketch } from '../sketch.ts'

type State = {
  hour: number
  looks: number
  persons: Sketch
  base: Baseline
  /** Whether the hour has been beyond its limit: then nothing is learned from it. */
  beyond: boolean
}

type Parameters = {
  factor: number
  least_credential: number
  least_operator: number
  least_device: number
  young_hours: number
  young_factor: number
}

/**
 * How many different persons a credential, an operator or a device looks at within an hour, against what it usually does, and
 * what its party has to do: parcels that it makes or sends out.
 */
export const pace: Detector<State, Parameters> = {
  name: 'pace',
  version: 1,
  types: ['reveal.allowed'],
  parameters: {
    factor: { default: 2.5, min: 1.2, max: 20 },
    least_credential: { default: 80, min: 10, max: 100_000 },
    least_operator: { default: 60, min: 10, max: 100_000 },
    // Its operator is looked at too: by itself it counts where several have it in turn.
    least_device: { default: 100, min: 10, max: 100_000 },
    young_hours: { default: 24, min: 0, max: 2_000 },
    young_factor: { default: 3, min: 1, max: 20 },
  },
  keys({ credential, operator, device }) {
    const keys: string[] = []
    if (credential) keys.push(credential)
    if (operator) keys.push(operator)
    if (device) keys.push(device)
    return keys
  },
  look(state, event, parameters, key) {
    const hour = Math.max(hourOf(event.at), state?.hour ?? 0)
    const now = state === undefined ? newState(hour) : hour > state.hour ? nextHour(state, hour) : state
    const persons = event.person === null ? now.persons : addTo(now.persons, event.person)
    const looks = now.looks + 1
    const limit = limitOf(now, event, parameters, key)
    // Beyond what the sketch can tell apart, looks stand for persons.
    const count = persons === now.persons ? Math.min(looks, countOf(persons)) : countOf(persons)
    if (count < limit) return { state: { ...now, looks, persons }, ...NOTHING_FOUND }
    const usual = Math.round(usualAt(now.base, hour))
    const score = count / limit
    return {
      state: { ...now, looks, persons, beyond: true },
      found: {
        code: `pace_${kindOf(key)}`,
        figures: { persons: count, usual, limit: Math.round(limit) },
        severity: score >= 2 ? 'high' : 'medium',
        about: key as CredentialId | OperatorId | DeviceId,
        implicated: implicated(event),
        score,
      },
    }
  },
}

function newState(hour: number): State {
  return { hour, looks: 0, persons: EMPTY_SKETCH, base: newBaseline(hour), beyond: false }
}

function nextHour({ hour: last, persons, base, beyond }: State, hour: number): State {
  const known = beyond ? base : learned(base, last, countOf(persons))
  return { hour, looks: 0, persons: EMPTY_SKETCH, base: known, beyond: false }
}

function limitOf(
  { base, hour }: State,
  { surge, rush }: WatchedEvent,
  parameters: Parameters,
  key: string,
): number {
  const { factor, young_hours, young_factor } = parameters
  const kind = kindOf(key)
  const young = ageHours(base, hour) < young_hours ? young_factor : 1
  return Math.max(parameters[`least_${kind}`] * young, factor * usualAt(base, hour)) * surge * rush
}

function kindOf(key: string): 'credential' | 'operator' | 'device' {
  if (key.startsWith('key_')) return 'credential'
  return key.startsWith('opr_') ? 'operator' : 'device'
}

export function implicated({ party, credential, operator, device }: WatchedEvent) {
  return {
    ...(party && { party }),
    ...(credential && { credential }),
    ...(operator && { operator }),
    ...(device && { device }),
  }
}
