import type { CredentialId } from '../../../core/id.ts'
import { ageHours, hourOf, learned, newBaseline, usualAt } from '../baseline.ts'
import type { Baseline } from '../baseline.ts'
import { NOTHING_FOUND } from '../detector.ts'
import type { Detector } from '../detector.ts'
import { implicated } from './pace.ts'

type State = { hour: number; searches: number; empty: number; base: Baseline; beyond: boolean }

type Parameters = {
  searches: number
  factor: number
  young_factor: number
  empty: number
  empty_share: number
}

/** Many searches, or searches of which most find nobody: somebody goes through numbers. */
export const search: Detector<State, Parameters> = {
  name: 'search',
  version: 1,
  types: ['tokens.searched'],
  parameters: {
    searches: { default: 40, min: 5, max: 100_000 },
    factor: { default: 3, min: 1.2, max: 20 },
    young_factor: { default: 2, min: 1, max: 20 },
    empty: { default: 20, min: 5, max: 100_000 },
    empty_share: { default: 0.7, min: 0.1, max: 1 },
  },
  keys({ credential }) {
    return credential ? [credential] : []
  },
  look(state, event, parameters) {
    const hour = Math.max(hourOf(event.at), state?.hour ?? 0)
    const now = state === undefined ? newState(hour) : hour > state.hour ? nextHour(state, hour) : state
    const searches = now.searches + 1
    const empty = now.empty + ((event.counts['hits'] ?? 0) === 0 ? 1 : 0)
    const usual = usualAt(now.base, hour)
    const young = ageHours(now.base, hour) < 24 ? parameters.young_factor : 1
    const limit = Math.max(parameters.searches * young, parameters.factor * usual) * event.surge
    const isEmpty = empty >= parameters.empty && empty / searches >= parameters.empty_share
    const score = Math.max(searches / limit, isEmpty ? empty / parameters.empty : 0)
    const next = { ...now, searches, empty }
    if (score < 1) return { state: next, ...NOTHING_FOUND }
    return {
      state: { ...next, beyond: true },
      found: {
        code: 'search',
        figures: { searches, empty, usual: Math.round(usual) },
        severity: isEmpty ? 'high' : 'medium',
        about: event.credential as CredentialId,
        implicated: implicated(event),
        score,
      },
    }
  },
}

function newState(hour: number): State {
  return { hour, searches: 0, empty: 0, base: newBaseline(hour), beyond: false }
}

function nextHour({ hour: last, searches, base, beyond }: State, hour: number): State {
  return { ...newState(hour), base: beyond ? base : learned(base, last, searches) }
}
