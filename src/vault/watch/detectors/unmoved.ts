import { dayOf } from '../baseline.ts'
import { NOTHING_FOUND } from '../detector.ts'
import type { Detector } from '../detector.ts'
import type { WatchedEvent } from '../event.ts'
import { implicated } from './pace.ts'

/** Of one day: parcels seen in full, and how many of them have moved since. */
type Day = readonly [day: number, viewed: number, moved: number]
type State = {
  days: readonly Day[]
  /** The most that were left on a day so far, forgotten by 5 % a day. */
  most: number
  judged: number
}

type Parameters = { left: number; factor: number; wait_days: number }

const MAX_DAYS = 6
const FORGOTTEN_A_DAY = 0.95

/** Parcels that an operator saw in full and that never moved after that. Only one parcel in four is followed (`parcels.ts`). */
export const unmoved: Detector<State, Parameters> = {
  name: 'unmoved',
  version: 1,
  types: ['fact'],
  parameters: {
    left: { default: 12, min: 3, max: 10_000 },
    factor: { default: 3, min: 1.2, max: 20 },
    wait_days: { default: 2, min: 1, max: 4 },
  },
  keys({ fact }) {
    return fact && fact.kind !== 'foreign' ? [fact.operator] : []
  },
  look(state, event, parameters) {
    const { fact } = event
    if (!fact || fact.kind === 'foreign') return { state: state ?? null, ...NOTHING_FOUND }
    const now = counted(state ?? { days: [], most: 0, judged: 0 }, fact)
    return fact.kind === 'viewed' ? judged(now, event, fact, parameters) : { state: now, ...NOTHING_FOUND }
  },
}

type Counted = Extract<NonNullable<WatchedEvent['fact']>, { kind: 'viewed' | 'moved' }>

function counted(state: State, { kind, day }: Counted): State {
  const was = state.days.find(([one]) => one === day)
  if (!was && kind === 'moved') return state
  const [, viewed, moved] = was ?? [day, 0, 0]
  const is: Day = kind === 'viewed' ? [day, viewed + 1, moved] : [day, viewed, moved + 1]
  return { ...state, days: [...state.days.filter(([one]) => one !== day), is].slice(-MAX_DAYS) }
}

/** The newest day that parcels have had time to move since, once. */
function judged(
  state: State,
  event: WatchedEvent,
  { operator }: Counted,
  { left, factor, wait_days }: Parameters,
) {
  const due = dayOf(event.at) - wait_days
  const ready = state.days.filter(([day]) => day <= due && day > state.judged)
  if (ready.length === 0) return { state, ...NOTHING_FOUND }
  const [day, viewed, moved] = ready.reduce((a, b) => (b[1] - b[2] > a[1] - a[2] ? b : a))
  const count = viewed - moved
  const limit = Math.max(left, factor * state.most)
  const most = state.most * FORGOTTEN_A_DAY ** Math.max(1, Math.min(due - state.judged, 30))
  const known = count < limit ? Math.max(most, count) : most
  const next = { ...state, judged: due, most: Math.round(known * 10) / 10 }
  if (count < limit) return { state: next, ...NOTHING_FOUND }
  return {
    state: next,
    found: {
      code: 'unmoved',
      figures: { left: count, viewed, days: dayOf(event.at) - day },
      severity: 'high' as const,
      about: operator,
      implicated: implicated(event),
      score: count / limit,
    },
  }
}
