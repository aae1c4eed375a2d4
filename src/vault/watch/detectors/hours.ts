import type { OperatorId } from '../../../core/id.ts'
import { dayOf, hourOf } from '../baseline.ts'
import { NOTHING_FOUND } from '../detector.ts'
import type { Detector } from '../detector.ts'
import { implicated } from './pace.ts'

type State = {
  /** On how many days something was done at each hour of the day. */
  days: readonly number[]
  /** Days on which anything was done at all. */
  active: number
  since: number
  lastDay: number
  hour: number
  looks: number
  /** Whether this hour was out of the usual when it began. */
  odd: boolean
}

type Parameters = {
  looks: number
  age_days: number
  active_days: number
  share: number
  near: number
  crew: number
}

const HOURS = 24

/** Looks at hours at which an operator is never at work, once it is known for two weeks when it is. */
export const hours: Detector<State, Parameters> = {
  name: 'hours',
  version: 1,
  types: ['reveal.allowed'],
  parameters: {
    looks: { default: 12, min: 3, max: 10_000 },
    age_days: { default: 10, min: 3, max: 365 },
    active_days: { default: 6, min: 2, max: 100 },
    share: { default: 0.05, min: 0, max: 1 },
    near: { default: 2, min: 0, max: 6 },
    // Several at once are a shift.
    crew: { default: 3, min: 2, max: 4 },
  },
  keys({ operator }) {
    return operator ? [operator] : []
  },
  look(state, event, parameters, key) {
    const hour = Math.max(hourOf(event.at), state?.hour ?? 0)
    const day = dayOf(event.at)
    const now =
      state === undefined
        ? newState(hour, day)
        : hour > state.hour
          ? nextHour(state, hour, day, parameters)
          : state
    const looks = now.looks + 1
    const next = { ...now, looks }
    const limit = parameters.looks * event.surge
    if (!now.odd || looks < limit || event.crew >= parameters.crew) return { state: next, ...NOTHING_FOUND }
    return {
      state: next,
      found: {
        code: 'hours',
        figures: { looks, hour: hour % HOURS, days: now.active },
        severity: 'high',
        about: key as OperatorId,
        implicated: implicated(event),
        score: looks / limit,
      },
    }
  },
}

function newState(hour: number, day: number): State {
  return {
    days: Array.from({ length: HOURS }, () => 0),
    active: 1,
    since: day,
    lastDay: day,
    hour,
    looks: 0,
    odd: false,
  }
}

/** An hour that was out of the usual is not learned from, unless nothing came of it. */
function nextHour(state: State, hour: number, day: number, parameters: Parameters): State {
  const { looks, odd } = state
  const of = state.hour % HOURS
  const taught = !odd || looks < parameters.looks
  const days = taught ? state.days.with(of, (state.days[of] ?? 0) + 1) : state.days
  const active = day > state.lastDay ? state.active + 1 : state.active
  const known = { ...state, days, active, lastDay: Math.max(day, state.lastDay), hour, looks: 0 }
  return { ...known, odd: isOdd(known, hour, day, parameters) }
}

function isOdd(
  { days, active, since }: State,
  hour: number,
  day: number,
  { age_days, active_days, share, near }: Parameters,
): boolean {
  if (day - since < age_days || active < active_days) return false
  let seen = 0
  for (let off = -near; off <= near; off++) seen += days[(hour + off + HOURS) % HOURS] ?? 0
  return seen <= share * active
}
