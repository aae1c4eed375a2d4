import { hourOf } from '../baseline.ts'
import { NOTHING_FOUND } from '../detector.ts'
import type { Detector } from '../detector.ts'
import { hash } from '../sketch.ts'
import { implicated } from './pace.ts'

type State = readonly (readonly [source: number, hour: number])[]

type Parameters = { parcels: number; sources: number; window_h: number }

const MAX_ROWS = 64

/**
 * Parcels that others carry: an operator who looks at parcels that several colleagues have looked at before. One colleague's parcels are a
 * route taken over. Only one parcel in four is followed (`parcels.ts`).
 */
export const manifest: Detector<State, Parameters> = {
  name: 'manifest',
  version: 1,
  types: ['fact'],
  parameters: {
    parcels: { default: 6, min: 2, max: MAX_ROWS },
    sources: { default: 4, min: 2, max: MAX_ROWS },
    window_h: { default: 24, min: 1, max: 168 },
  },
  keys({ fact }) {
    return fact?.kind === 'foreign' ? [fact.operator] : []
  },
  look(state, event, { parcels, sources, window_h }) {
    const { fact } = event
    if (fact?.kind !== 'foreign') return { state: state ?? null, ...NOTHING_FOUND }
    const hour = hourOf(event.at)
    const live = (state ?? []).filter(([, at]) => hour - at < window_h)
    const next = [...live, [hash(fact.source), hour] as const].slice(-MAX_ROWS)
    const from = new Set(next.map(([source]) => source)).size
    const score = Math.min(next.length / parcels, from / sources)
    if (score < 1) return { state: next, ...NOTHING_FOUND }
    return {
      state: next,
      found: {
        code: 'manifest',
        figures: { parcels: next.length, colleagues: from, hours: window_h },
        severity: 'high',
        about: fact.operator,
        implicated: implicated(event),
        score,
      },
    }
  },
}
