import type { OperatorId, PartyId } from '../../../core/id.ts'
import { dayOf } from '../baseline.ts'
import { NOTHING_FOUND } from '../detector.ts'
import type { Detector } from '../detector.ts'
import { EMPTY_SKETCH, addTo, countOf } from '../sketch.ts'
import type { Sketch } from '../sketch.ts'
import { implicated } from './pace.ts'

type State = { day: number; persons: Sketch; looks: number; most: number; beyond: boolean }

type Parameters = { persons: number; factor: number }

const FORGOTTEN_A_DAY = 0.97

/** A shop sees masked values as a rule: one that suddenly is shown many in full, or whose operator is, is worth a question. */
export const fullViews: Detector<State, Parameters> = {
  name: 'full_views',
  version: 1,
  types: ['reveal.allowed'],
  parameters: {
    persons: { default: 15, min: 3, max: 100_000 },
    factor: { default: 3, min: 1.2, max: 20 },
  },
  keys({ party, operator, full }) {
    if (!full || party?.startsWith('mer_') !== true) return []
    return operator ? [party, operator] : [party]
  },
  look(state, event, parameters, key) {
    const day = Math.max(dayOf(event.at), state?.day ?? 0)
    const now =
      state === undefined ? { ...emptyDay(day), most: 0 } : day > state.day ? nextDay(state, day) : state
    const persons = event.person === null ? now.persons : addTo(now.persons, event.person)
    const next = { ...now, persons, looks: now.looks + 1 }
    const limit = Math.max(parameters.persons, parameters.factor * now.most) * event.surge * event.rush
    const count = countOf(persons)
    if (count < limit) return { state: next, ...NOTHING_FOUND }
    const score = count / limit
    return {
      state: { ...next, beyond: true },
      found: {
        code: key.startsWith('opr_') ? 'full_views_operator' : 'full_views',
        figures: { persons: count, usual: Math.round(now.most) },
        severity: score >= 2 ? 'high' : 'medium',
        about: key as PartyId | OperatorId,
        implicated: implicated(event),
        score,
      },
    }
  },
}

function emptyDay(day: number): Omit<State, 'most'> {
  return { day, persons: EMPTY_SKETCH, looks: 0, beyond: false }
}

function nextDay({ day: last, persons, most, beyond }: State, day: number): State {
  const faded = most * FORGOTTEN_A_DAY ** (day - last)
  const known = beyond ? faded : Math.max(faded, countOf(persons))
  return { ...emptyDay(day), most: Math.round(known * 10) / 10 }
}
