import { HOUR_MS } from '../../../core/time.ts'
import type { CredentialId, OperatorId } from '../../../core/id.ts'
import { hourOf, learned, newBaseline, usualAt } from '../baseline.ts'
import type { Baseline } from '../baseline.ts'
import { NOTHING_FOUND } from '../detector.ts'
import type { Detector } from '../detector.ts'
import type { WatchedEvent } from '../event.ts'
import { implicated } from './pace.ts'

type State = { at: number; sum: number; hour: number; inHour: number; base: Baseline; beyond: boolean }

type Parameters = { refusals: number; factor: number; half_life_min: number; other_weight: number }

/** What somebody who guesses is told. */
const GUESSED: ReadonlySet<string> = new Set(['token_unknown', 'not_found', 'unknown'])

/** Refusals in a row: somebody tries tokens, waybills or ids until one is there. */
export const refusals: Detector<State, Parameters> = {
  name: 'refusals',
  version: 1,
  types: ['reveal.denied', 'call.refused', 'mask.denied', 'tokens.validated'],
  parameters: {
    refusals: { default: 25, min: 5, max: 100_000 },
    factor: { default: 4, min: 1.5, max: 50 },
    half_life_min: { default: 30, min: 1, max: 1_440 },
    other_weight: { default: 0.2, min: 0, max: 1 },
  },
  keys({ credential, operator }) {
    const keys: string[] = []
    if (credential) keys.push(credential)
    if (operator) keys.push(operator)
    return keys
  },
  look(state, event, parameters, key) {
    const weight = weightOf(event, parameters.other_weight)
    if (weight === 0) return { state: state ?? null, ...NOTHING_FOUND }
    const hour = Math.max(hourOf(event.at), state?.hour ?? 0)
    const now =
      state === undefined ? newState(event.at, hour) : hour > state.hour ? nextHour(state, hour) : state
    const passed = Math.max(0, event.at - now.at)
    const sum = now.sum * 0.5 ** (passed / (parameters.half_life_min * (HOUR_MS / 60))) + weight
    const next = {
      ...now,
      at: Math.max(event.at, now.at),
      sum: round(sum),
      inHour: round(now.inHour + weight),
    }
    const usual = usualAt(now.base, hour)
    // An outage makes nobody guess: no limit is moved for it.
    const limit = Math.max(parameters.refusals, parameters.factor * usual)
    if (sum < limit) return { state: next, ...NOTHING_FOUND }
    return {
      state: { ...next, beyond: true },
      found: {
        code: 'refusals',
        figures: { refusals: Math.round(sum), usual: Math.round(usual) },
        severity: 'high',
        about: key as CredentialId | OperatorId,
        implicated: implicated(event),
        score: sum / limit,
      },
    }
  },
}

function newState(at: number, hour: number): State {
  return { at, sum: 0, hour, inHour: 0, base: newBaseline(hour), beyond: false }
}

function nextHour(state: State, hour: number): State {
  const base = state.beyond ? state.base : learned(state.base, state.hour, state.inHour)
  return { ...state, hour, inHour: 0, base, beyond: false }
}

function weightOf({ type, code, counts }: WatchedEvent, otherWeight: number): number {
  if (type === 'reveal.denied' || type === 'call.refused') {
    return code !== undefined && GUESSED.has(code) ? 1 : otherWeight
  }
  let weight = 0
  for (const [name, count] of Object.entries(counts)) if (GUESSED.has(name)) weight += count
  return weight
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
