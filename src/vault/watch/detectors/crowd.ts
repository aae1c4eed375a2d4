import { hourOf } from '../baseline.ts'
import { NOTHING_FOUND } from '../detector.ts'
import type { Detector } from '../detector.ts'
import { hash, mix } from '../sketch.ts'
import { implicated } from './pace.ts'

/** A person, the hour of the last look, and who looked. */
type Row = readonly [person: number, hour: number, ...looking: number[]]
type State = readonly Row[]

type Parameters = { operators: number; window_h: number }

const SHARDS = 256
const MAX_ROWS = 96
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
    window_h: { default: 48, min: 1, max: 720 },
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
    const row = rows[at]
    const [, last = hour, ...before] = row ?? []
    const looking = hour - last < window_h ? before : []
    if (row && last === hour && looking.includes(who)) return { state: rows, ...NOTHING_FOUND }
    const all = looking.includes(who) ? looking : [...looking, who].slice(-MAX_LOOKING)
    const next: State = kept([...rows.filter((_, i) => i !== at), [person, hour, ...all] as const])
    if (all.length < operators || looking.includes(who)) return { state: next, ...NOTHING_FOUND }
    return {
      state: next,
      found: {
        code: 'crowd',
        figures: { operators: all.length, hours: window_h },
        severity: 'medium' as const,
        // Whose number it is is looked up by whoever raises the signal.
        about: null,
        implicated: implicated(event),
        score: all.length / operators,
      },
    }
  },
}

/** Those whom several have looked at outlive those whom one has. */
function kept(rows: State): State {
  if (rows.length <= MAX_ROWS) return rows
  const single = rows.findIndex((row) => row.length === 3)
  const out = single === -1 ? 0 : single
  return rows.filter((_, i) => i !== out)
}
