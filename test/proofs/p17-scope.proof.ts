import { Matcher } from '../../src/vault/incidents/disclosures.ts'
import { runDrill } from './p17-drill.ts'
import type { Drill } from './p17-drill.ts'
import type { ProofReport } from './report.ts'

// P17: breach scope is right. Leaks with a known truth among other traffic: whom a scope names is exactly whom it touched.

export type Size = { rounds: number; lookups: number }

export async function short(): Promise<ProofReport> {
  return prove({ rounds: 1, lookups: 150 })
}

export async function full(): Promise<ProofReport> {
  return prove({ rounds: 20, lookups: 400 })
}

export async function prove({ rounds, lookups }: Size): Promise<ProofReport> {
  const drills: Drill[] = []
  for (let seed = 1; seed <= rounds; seed++) drills.push(await runDrill(seed, lookups))
  const broken = await withBrokenMatcher(() => runDrill(1, lookups))
  const sum = (count: (drill: Drill) => number) => drills.reduce((total, drill) => total + count(drill), 0)
  const [named, right, touched] = [sum((d) => d.named), sum((d) => d.right), sum((d) => d.touched)]
  return {
    figures: {
      'events of traffic': sum((d) => d.traffic),
      incidents: sum((d) => d.incidents),
      'persons touched': touched,
      'persons named': named,
      precision: `${((right / named) * 100).toFixed(2)} %`,
      recall: `${((right / touched) * 100).toFixed(2)} %`,
    },
    failures: drills.flatMap(({ failures }) => failures),
    control: {
      broken: 'a scope that leaves out replays, and what happened at the very end of its window',
      found: Math.min(...Object.values(broken)),
    },
  }
}

/** Each fault by itself, each of which has to be found. */
async function withBrokenMatcher(run: () => Promise<Drill>): Promise<Record<string, number>> {
  const right = Matcher.prototype.match
  const wrong: Record<string, typeof right> = {
    replays(row) {
      return row.type === 'reveal.replayed' ? undefined : right.call(this, row)
    },
    end(row) {
      return right.call(this, { ...row, at: (row.at + 1) as typeof row.at })
    },
  }
  const found: Record<string, number> = {}
  for (const [name, match] of Object.entries(wrong)) {
    Matcher.prototype.match = match
    try {
      found[name] = (await run()).failures.length
    } finally {
      Matcher.prototype.match = right
    }
  }
  return found
}
