import { hourOf } from '../baseline.ts'
import { NOTHING_FOUND } from '../detector.ts'
import type { Detector } from '../detector.ts'
import { hash, mix } from '../sketch.ts'
import { implicated } from './pace.ts'

/** A person, and of each look by somebody new the hour and who it was. */
type Row = readonly [person: number, ...looks: number[]]
type State = readonly Row[]

type Parameters = { operators: number; window_h: number }

/** Few in a shard, so that little is gone through and little is written: some 65,000 persons in all. */
const SHARDS = 8_192
const MAX_ROWS = 8
const MAX_LOOKING = 24

/**
 * The same person looked up by many: a name that is talked about. What is kept of persons is bounded, and those whom only one has looked
 * at go first.
 */
export const crowd: Detector<State, Parameters> = {
  name: 'crowd',
  version: 1,
  types: ['reveal.allowed'],
  parameters: {
    operators: { default: 8, min: 3, max: MAX_LOOKING },
    window_h: { default: 24, min: 1, max: 720 },
  },
  keys({ person, operator }) {
    return person !== null && operator ? [`s${mix(person) % SHARDS}`] : []
  },
  look(state, event, { operators, window_h }) {
    const person = event.person ?? 0
    const who = hash(event.operator ?? '')
    const hour = hourOf(event.at)
    const rows = state ?? []
    const at = rows.findIndex(([one]) => one === person)
    const row = at === -1 ? undefined : rows[at]
    const looks = row ? liveOf(row, hour - window_h) : []
    if (row && looks.length === row.length - 1 && isIn(looks, who)) return { state: rows, ...NOTHING_FOUND }
    const all = isIn(looks, who) ? looks : [...looks, hour, who].slice(-2 * MAX_LOOKING)
    const next: State = kept([
      ...rows.slice(0, at === -1 ? rows.length : at),
      ...(at === -1 ? [] : rows.slice(at + 1)),
      [person, ...all],
    ])
    const count = all.length / 2
    if (count < operators || all === looks) return { state: next, ...NOTHING_FOUND }
    return {
      state: next,
      found: {
        code: 'crowd',
        figures: { operators: count, hours: window_h },
        severity: 'medium' as const,
        // Whose number it is is looked up by whoever raises the signal.
        about: null,
        implicated: implicated(event),
        score: count / operators,
      },
    }
  },
}

/** Looks since an hour, as pairs. */
function liveOf([, ...looks]: Row, since: number): readonly number[] {
  const first = looks.findIndex((hour, i) => i % 2 === 0 && hour > since)
  return first === -1 ? [] : looks.slice(first)
}

function isIn(looks: readonly number[], who: number): boolean {
  for (let i = 1; i < looks.length; i += 2) if (looks[i] === who) return true
  return false
}

/** Those whom several have looked at outlive those whom one has. */
function kept(rows: State): State {
  if (rows.length <= MAX_ROWS) return rows
  const single = rows.findIndex((row) => row.length === 3)
  const out = single === -1 ? 0 : single
  return rows.filter((_, i) => i !== out)
}
