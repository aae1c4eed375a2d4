import type { OperatorId } from '../../../core/id.ts'
import { dayOf, hourOf } from '../baseline.ts'
import { NOTHING_FOUND } from '../detector.ts'
import type { Detector } from '../detector.ts'
import { hash } from '../sketch.ts'
import { implicated } from './pace.ts'

type State = {
  /** Device and the hour in which it was last used. */
  devices: readonly (readonly [device: number, hour: number])[]
  /** The most at once on any day before, forgotten by 3 % a day, and on this one. */
  most: number
  day: number
  today: number
}

type Parameters = { devices: number; factor: number; window_h: number }

const MAX_DEVICES = 32
const FORGOTTEN_A_DAY = 0.97

/** One operator on many devices: a name that is shared, or a list of names that somebody works through. */
export const spread: Detector<State, Parameters> = {
  name: 'spread',
  version: 1,
  types: ['reveal.allowed'],
  parameters: {
    devices: { default: 5, min: 2, max: 32 },
    factor: { default: 2, min: 1, max: 10 },
    window_h: { default: 12, min: 1, max: 168 },
  },
  keys({ operator, device }) {
    return operator && device ? [operator] : []
  },
  look(state, event, { devices: least, factor, window_h }, key) {
    const device = hash(event.device ?? '')
    const hour = hourOf(event.at)
    const seen = state?.devices.find(([known]) => known === device)
    if (state && seen && seen[1] >= hour) return { state, ...NOTHING_FOUND }
    const live = (state?.devices ?? []).filter(([one, last]) => one !== device && hour - last < window_h)
    const devices = [...live, [device, hour] as const].slice(-MAX_DEVICES)
    const day = Math.max(dayOf(event.at), state?.day ?? 0)
    const before = state ?? { most: 0, day, today: 0 }
    const most =
      day > before.day
        ? Math.max(before.most * FORGOTTEN_A_DAY ** (day - before.day), before.today)
        : before.most
    const limit = Math.min(Math.max(least, factor * most), MAX_DEVICES)
    const isBeyond = devices.length >= limit
    // What is beyond the limit is not learned from.
    const today = isBeyond ? 0 : Math.max(day > before.day ? 0 : before.today, devices.length)
    const next = { devices, most: Math.round(most * 10) / 10, day, today }
    if (!isBeyond) return { state: next, ...NOTHING_FOUND }
    return {
      state: next,
      found: {
        code: 'spread',
        figures: { devices: devices.length, hours: window_h, usual: Math.round(most) },
        severity: 'medium',
        about: key as OperatorId,
        implicated: implicated(event),
        score: devices.length / limit,
      },
    }
  },
}
