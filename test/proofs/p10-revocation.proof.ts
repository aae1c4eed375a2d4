import { nodeOf, onFolder, startAll, stopAll } from './deployment.ts'
import type { Deploy, Deployment } from './deployment.ts'
import { Connection } from './p10-connection.ts'
import { holdEachKind } from './p10-held.ts'
import { Arena, KINDS } from './p10-kinds.ts'
import { LogOrder, readLog } from './p10-log-order.ts'
import { openAlone, withCachedYes, withoutExpectations } from './p10-node.ts'
import type { OpenPair } from './p10-node.ts'
import { Tally, runRaces } from './p10-races.ts'
import { World } from './p10-world.ts'
import type { ProofReport } from './report.ts'
import { ENOUGH_FOR_ANYBODY, TENANT } from './service-process.ts'

// P10: revocation is immediate. Once a client has read that something is revoked, no reveal that it sends rests on it;
// and the log says so too: after the revoking event there is no disclosure that rested on it.

export type Size = { races: number; arenas: number; lanes: number }

/** Real services for the races, and the service in this process for what is made to happen. */
export type Where = { deploy: Deploy; openPair: OpenPair }

const ALONE: Where = { deploy: onFolder, openPair: openAlone }

const NEVER_KILLED = { resends: true }
/** How many numbers one arena may hand out. */
const NUMBERS_EACH = 1_000_000
/** Of each kind on the broken node. */
const CONTROL_RACES = 4

export async function short(): Promise<ProofReport> {
  return prove({ races: 720, arenas: 24, lanes: 2 }, ALONE)
}

export async function full(): Promise<ProofReport> {
  return prove({ races: 100_000, arenas: 24, lanes: 2 }, ALONE)
}

export async function prove(size: Size, { deploy, openPair }: Where): Promise<ProofReport> {
  const raced = await raceOnRealService(size, deploy)
  const held = await holdEachKind(openPair)
  const cachedYes = await raceOnCachedYes(openPair)
  const unexpected = await holdEachKind(openPair, withoutExpectations)
  const { tally, order } = raced
  return {
    figures: {
      nodes: raced.nodes,
      races: tally.races,
      'kinds of revocation': Object.keys(KINDS).length,
      reveals: tally.reveals,
      'answered as before': [...tally.stood.values()].reduce((sum, count) => sum + count, 0),
      'under way at the acknowledgement': tally.across,
      'sent after it': tally.sentAfter,
      'of these revealed': tally.leaks.length,
      'refused as a conflict in between': tally.conflicts,
      'events read in order': order.events,
      'held between decision and commit': held.races,
      seconds: raced.seconds,
    },
    failures: [
      ...tally.failures,
      ...Object.keys(KINDS)
        .filter((kind) => !tally.stood.has(kind))
        .map((kind) => `${kind}: nothing was revealed in the first place`),
      ...order.found,
      ...held.failures,
      ...held.outOfOrder.map((found) => `held: ${found}`),
    ],
    control: {
      broken:
        'a yes remembered for 50 ms; and, seen in the order of the log alone, no expectation at the commit',
      // Both controls have to bite: the second for every kind, as it is made to happen; the first is a matter of timing.
      found: Math.min(
        [...cachedYes.values()].reduce((sum, leaks) => sum + leaks, 0),
        unexpectedFinds(unexpected),
      ),
    },
  }
}

/** Each kind's held reveal stands in the log after its revocation, or the control has not found it. */
function unexpectedFinds({ outOfOrder }: { outOfOrder: readonly string[] }): number {
  const events = new Set(outOfOrder.map((found) => found.split(':')[0]))
  return events.size >= Object.keys(KINDS).length ? events.size : 0
}

type Raced = { nodes: number; tally: Tally; order: LogOrder; seconds: string }

async function raceOnRealService(size: Size, deploy: Deploy): Promise<Raced> {
  const deployment = await deploy()
  try {
    await deployment.nodes[0].setDailyQuota(ENOUGH_FOR_ANYBODY)
    await startAll(deployment)
    const started = performance.now()
    const { tally, values } = await raceEverywhere(deployment, size)
    const seconds = ((performance.now() - started) / 1_000).toFixed(1)
    await stopAll(deployment)
    const order = await orderIn(deployment, values, tally)
    return { nodes: deployment.nodes.length, tally, seconds, order }
  } finally {
    deployment.discard()
  }
}

type Everywhere = { tally: Tally; values: Map<string, readonly string[]> }

/** Where there are several nodes, it is revoked at one and asked of another. */
async function raceEverywhere(deployment: Deployment, { races, arenas, lanes }: Size): Promise<Everywhere> {
  const tally = new Tally()
  const values = new Map<string, readonly string[]>()
  const runs = Array.from({ length: arenas }, async (_, i) => {
    const control = new Connection(nodeOf(deployment, i), 1, NEVER_KILLED)
    const world = await World.open(control, deployment.platformKey, i * NUMBERS_EACH)
    const arena = new Arena(world)
    const connections = Array.from(
      { length: lanes },
      () => new Connection(nodeOf(deployment, i + 1), 1, NEVER_KILLED),
    )
    await runRaces(arena, connections, { races: Math.ceil(races / arenas), first: i }, tally)
    for (const [subject, its] of arena.values) values.set(subject, its)
    for (const connection of [control, ...connections]) connection.close()
  })
  await Promise.all(runs)
  return { tally, values }
}

async function orderIn(
  deployment: Deployment,
  values: Everywhere['values'],
  tally: Tally,
): Promise<LogOrder> {
  const order = new LogOrder(values, tally.shown)
  const { store, close } = await deployment.openStore()
  await readLog(store, TENANT, order)
  await close()
  return order
}

/** @returns how many reveals were answered after an acknowledged revocation, by kind. */
async function raceOnCachedYes(openPair: OpenPair): Promise<ReadonlyMap<string, number>> {
  const pair = await openPair(withCachedYes)
  const tally = new Tally()
  const arena = new Arena(await World.open(new Connection(pair.control), pair.platform))
  const lanes = [new Connection(pair.lane), new Connection(pair.lane)]
  await runRaces(arena, lanes, { races: CONTROL_RACES * Object.keys(KINDS).length, first: 0 }, tally)
  for (const connection of [arena.world.control, ...lanes]) connection.close()
  await pair.close()
  return new Map([...Map.groupBy(tally.leaks, (kind) => kind)].map(([kind, leaks]) => [kind, leaks.length]))
}
