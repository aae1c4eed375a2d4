import type { Clock } from '../../src/vault/incidents/clocks/clocks.ts'
import { JURISDICTIONS } from '../../src/vault/incidents/law/index.ts'
import { BROKEN, ours } from './p16-engines.ts'
import { goldenCases } from './p16-golden.ts'
import { madeIncidents } from './p16-incidents.ts'
import type { ProofReport } from './report.ts'
import { rowFaults } from './p16-rows.ts'
import type { Engine } from './p16-rows.ts'
import { secondAnswer } from './p16-second.ts'
import type { Answer } from './p16-second.ts'

const SEED = 16
const MAX_FAILURES = 100
/** A mistake has been found when so many clocks differ, and has not when it takes more incidents. */
const CONTROL_CLOCKS = 5
const CONTROL_INCIDENTS = 500

type Compared = {
  clocks: number
  apply: number
  unclear: number
  ends: number
  states: Set<string>
  faults: string[]
}

/** Every rule of every incident, by both calculators. */
function compare(size: number, engine: Engine, enough = Infinity): Compared {
  const seen: Compared = { clocks: 0, apply: 0, unclear: 0, ends: 0, states: new Set(), faults: [] }
  for (const { incident, now } of madeIncidents(size, SEED)) {
    if (seen.faults.length >= enough) break
    for (const law of JURISDICTIONS) {
      for (const rule of law.rules) {
        const first = answerOf(engine(rule, incident, now))
        const second = secondAnswer(rule, law, incident, now)
        seen.clocks += 1
        if (first.applies === 'yes') seen.apply += 1
        if (first.applies === 'unclear') seen.unclear += 1
        if (first.dueAt >= 0) seen.ends += 1
        seen.states.add(first.state)
        if (JSON.stringify(first) !== JSON.stringify(second)) {
          seen.faults.push(`${rule.id}: ${JSON.stringify({ first, second, now, incident })}`)
        }
      }
    }
  }
  return seen
}

function answerOf({ applies, inForce, dueAt, state }: Clock): Answer {
  return { applies, inForce: inForce.holds, dueAt: dueAt ?? -1, state }
}

/** P16: every row written by hand, and `size` made-up incidents against a calculator written apart. */
export function prove(size: number): ProofReport {
  const rows = goldenCases()
  const compared = compare(size, ours)
  const broken = Object.entries(BROKEN).map(([name, engine]) => ({
    name,
    rows: rows.filter((row) => rowFaults(row, engine).length > 0).length,
    clocks: compare(CONTROL_INCIDENTS, engine, CONTROL_CLOCKS).faults.length,
  }))
  return {
    figures: {
      'rows written by hand': rows.length,
      'of them ends, each tried a second before, at and after': rows.filter((row) => 'ends' in row).length,
      incidents: size,
      'clocks compared': compared.clocks,
      'that apply': compared.apply,
      'that are unclear': compared.unclear,
      'with an end': compared.ends,
      'states seen': [...compared.states].sort().join(' '),
      ...Object.fromEntries(
        broken.map(({ name, rows, clocks }) => [
          `broken: ${name}`,
          `found by ${rows} rows, and by the first ${clocks} clocks that differ`,
        ]),
      ),
    },
    failures: [...rows.flatMap((row) => rowFaults(row, ours)), ...compared.faults].slice(0, MAX_FAILURES),
    control: {
      broken: `${broken.length} engines with one mistake each: ${broken.map(({ name }) => name).join('; ')}`,
      // Each has to be found both by the rows and by the second calculator.
      found: Math.min(...broken.flatMap(({ rows, clocks }) => [rows, clocks])),
    },
  }
}

export const short = (): Promise<ProofReport> => Promise.resolve(prove(150))
export const full = (): Promise<ProofReport> => Promise.resolve(prove(10_000))
