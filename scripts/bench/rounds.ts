import { fireHealth } from './load.ts'
import type { Load } from './load.ts'

export const ROUNDS = 5

type Row = {
  work: string
  'per second': string
  'p50 ms': number
  'p99 ms': number
  'of healthz': string
  wrong: number
}
export const rows: Row[] = []

/** What one kind of work gave in each round, and `GET /healthz` beside it. */
type Rounds = { work: string; unitsPerCall: number; loads: Load[]; healths: Load[] }

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}

function report({ work, unitsPerCall, loads, healths }: Rounds): void {
  const perSecond = median(loads.map((load) => load.perSecond * unitsPerCall))
  const ratio = median(loads.map((load, i) => (healths[i]?.perSecond ?? 0) / (load.perSecond * unitsPerCall)))
  rows.push({
    work,
    'per second': Math.round(perSecond).toLocaleString('en'),
    'p50 ms': median(loads.map(({ p50 }) => p50)),
    'p99 ms': median(loads.map(({ p99 }) => p99)),
    'of healthz': `1/${ratio.toFixed(1)}`,
    wrong: loads.reduce((sum, { wrong }) => sum + wrong, 0),
  })
  const each = loads.map((load) => Math.round(load.perSecond * unitsPerCall))
  console.log(`  ${work}: ${each.join(' ')} a second`)
}

type Kind = { work: string; unitsPerCall: number; shoot: (round: number) => Promise<Load> }
/** Kinds of work at one service, whose own `GET /healthz` they are compared with. */
export type Group = { url: string; kinds: readonly Kind[] }

/** All kinds in turn, round after round, so that what else the machine does meets each alike. */
export async function inRounds(groups: readonly Group[]): Promise<void> {
  const measured = groups.map(({ url, kinds }) => {
    const healths: Load[] = []
    const results = kinds.map(({ work, unitsPerCall }): Rounds => ({
      work,
      unitsPerCall,
      loads: [],
      healths,
    }))
    return { url, kinds, healths, results }
  })
  for (let round = 0; round < ROUNDS; round++) {
    for (const { url, kinds, healths, results } of measured) {
      healths.push(await fireHealth(url, 2))
      for (const [i, { shoot }] of kinds.entries()) results[i]?.loads.push(await shoot(round))
    }
  }
  for (const { results } of measured) results.forEach(report)
}
