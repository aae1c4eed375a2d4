import { openWorld } from '../http/world.ts'
import { keepAccount } from './p15-account.ts'
import { runRounds, unguarded } from './p15-races.ts'
import type { OpenChanged, Round } from './p15-races.ts'
import type { ProofReport } from './report.ts'

// P15: quotas and uses hold under races. What is left is taken exactly, by whoever comes first, and nothing beyond it.

export type Size = {
  rounds: number
  /** Reveals asked for at once in each race of a round; a multiple of 200. */
  parallel: number
}

/** The races of one round that are about uses, and those about the day's quota. */
const USES_RACES = 2

const openAlone: OpenChanged = async (change) => {
  const world = await openWorld()
  world.vault.store = change(world.store)
  return world
}

export async function short(): Promise<ProofReport> {
  return prove({ rounds: 1, parallel: 1_000 }, openAlone)
}

export async function full(): Promise<ProofReport> {
  return prove({ rounds: 50, parallel: 1_000 }, openAlone)
}

export async function prove(size: Size, open: OpenChanged): Promise<ProofReport> {
  const rounds = await runRounds(size, open)
  const account = await keepAccount(() => open((store) => store))
  const broken = await runRounds({ rounds: 1, parallel: 200 }, open, unguarded)
  const beyond = (some: readonly Round[]) => some.reduce((sum, round) => sum + round.beyond, 0)
  const sum = (count: (round: Round) => number) => rounds.reduce((total, round) => total + count(round), 0)
  return {
    figures: {
      races: rounds.length,
      'asked for at once': size.parallel,
      allowed: sum(({ ok }) => ok),
      'denied and logged': sum(({ denied }) => denied),
      'beyond a limit': beyond(rounds),
      'asked again after a conflict': sum(({ triedAgain }) => triedAgain),
      'cases one by one': account.cases,
    },
    failures: [...rounds.flatMap(({ failures }) => failures), ...account.failures],
    control: {
      broken: 'uses and quota counted without their guards',
      // Both have to be found: uses, and the day's quota.
      found: Math.min(beyond(broken.slice(0, USES_RACES)), beyond(broken.slice(USES_RACES))),
    },
  }
}
